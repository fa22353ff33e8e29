import type { Scope } from '../declare/managed/scope.ts';
import type { ContainerId } from '../domain/ids.ts';
import { readPeerOrigin } from '../drivers/system/peer-origin.ts';
import type { ServerSetup } from '../surfaces/api/server.ts';

/** The registered container an engine calls so; `undefined` unless there is exactly one. */
export type ContainerOf = (engineId: string) => ContainerId | undefined;

/**
 * How the socket tells what a caller may touch. Where its process runs is settled when it connects; whether that
 * container is one of ours is asked again with each call, since containers come and go.
 */
export function identifyCallers(containerOf: ContainerOf): ServerSetup['identify'] {
  return (socket, { pid }) => {
    const origin = readPeerOrigin(socket, pid);
    if (origin.kind === 'host') return () => HOST;
    const { engineId } = origin;
    if (engineId === undefined) return () => NOWHERE;
    return () => ({ kind: 'container', container: containerOf(engineId) });
  };
}

const HOST: Scope = { kind: 'host' };
const NOWHERE: Scope = { kind: 'container', container: undefined };
