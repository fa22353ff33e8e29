import type { ManifestFile } from '../../manifest/manifest-file.ts';
import type { FieldChange } from '../../plan/slot-diff.ts';
import type { PaneListView, PaneScanView } from '../api/pane-scan-protocol.ts';
import type {
  ApplyResult,
  ContainerScanView,
  ContainerView,
  EngineView,
  EventView,
  LayoutDetailView,
  LayoutView,
  ListedContainerView,
  PlanResult,
  SavedPlan,
  SourceView,
  StatusResult,
} from '../api/protocol.ts';
import type { AgentCalls } from './agents-calls.ts';
import type { CommandContext } from './context.ts';
import type { LogCalls } from './log-calls.ts';
import type { ManagedMethods } from './managed/calls.ts';
import type { CliClient } from './world.ts';

/** Which layout; the container only matters when a name stands in several. */
interface LayoutAddress {
  readonly name: string;
  readonly container?: string | undefined;
}

interface ManifestParams {
  readonly files: readonly ManifestFile[];
  readonly prune?: boolean | undefined;
  readonly take_ownership?: boolean | undefined;
  /** Files and directories whose earlier layouts a prune may remove. */
  readonly scope?: readonly string[] | undefined;
}

export interface ApplyParams extends ManifestParams {
  readonly dry_run?: boolean | undefined;
  readonly confirm_prune?: number | undefined;
}

interface OperateParams extends LayoutAddress {
  readonly slot?: string | undefined;
  readonly for_ms?: number | undefined;
  readonly reason?: string | undefined;
  /** Who asks, for the record. */
  readonly by?: string | undefined;
}

export interface SourceParams {
  readonly kind: 'directory' | 'git';
  readonly name?: string | undefined;
  readonly path?: string | undefined;
  readonly url?: string | undefined;
  readonly branch?: string | undefined;
  readonly interval_ms?: number | undefined;
  readonly prune?: boolean | undefined;
  readonly allow_empty?: boolean | undefined;
}

export interface DiffItem {
  readonly kind: string;
  readonly name: string;
  readonly container?: string;
  readonly changes: readonly FieldChange[];
}

interface OperateResult {
  readonly layout: string;
  readonly slots: readonly string[];
}

type NoParams = Readonly<Record<string, never>>;

/** Every method the command line calls: what it takes, what it gives. */
interface Methods extends ManagedMethods, AgentCalls, LogCalls {
  ping: [params: NoParams, result: unknown];
  status: [params: NoParams, result: StatusResult];
  shutdown: [params: NoParams, result: unknown];
  scan_containers: [params: NoParams, result: ContainerScanView];
  list_containers: [
    params: { readonly active_only?: boolean | undefined },
    result: { readonly filter: string; readonly containers: readonly ListedContainerView[] },
  ];
  scan_panes: [params: { readonly container?: string | undefined }, result: PaneScanView];
  list_panes: [
    params: {
      readonly container?: string | undefined;
      readonly active_only?: boolean | undefined;
    },
    result: PaneListView,
  ];
  'manifest.apply': [
    params: ApplyParams | { readonly plan: SavedPlan },
    result: ApplyResult & { readonly plan?: PlanResult },
  ];
  'manifest.plan': [params: ManifestParams, result: PlanResult];
  'manifest.diff': [
    params: { readonly files: readonly ManifestFile[] },
    result: { readonly items: readonly DiffItem[] },
  ];
  'manifest.delete': [
    params: {
      readonly files?: readonly ManifestFile[];
      readonly layouts?: readonly LayoutAddress[];
    },
    result: ApplyResult,
  ];
  'layout.list': [
    params: { readonly name?: string | undefined; readonly container?: string | undefined },
    result: { readonly items: readonly LayoutView[] },
  ];
  'layout.get': [params: LayoutAddress, result: LayoutDetailView];
  'layout.export': [params: LayoutAddress, result: { readonly manifest: string }];
  'layout.stop': [params: OperateParams, result: OperateResult];
  'layout.start': [params: OperateParams, result: OperateResult];
  'layout.restart': [params: OperateParams, result: OperateResult];
  'layout.suspend': [params: OperateParams, result: OperateResult];
  'layout.resume': [params: OperateParams, result: OperateResult];
  'source.list': [params: NoParams, result: { readonly items: readonly SourceView[] }];
  'source.add': [params: SourceParams, result: { readonly source: SourceView }];
  'source.sync': [
    params: { readonly name: string; readonly confirm_prune?: number | undefined },
    result: { readonly source: SourceView },
  ];
  'source.remove': [
    params: { readonly name: string },
    result: { readonly name: string; readonly layouts: number },
  ];
  'container.list': [params: NoParams, result: { readonly items: readonly ContainerView[] }];
  'engine.list': [params: NoParams, result: { readonly items: readonly EngineView[] }];
  'events.list': [
    params: {
      readonly since_seq?: number | undefined;
      readonly layout?: string | undefined;
      readonly container?: string | undefined;
      readonly limit?: number | undefined;
    },
    result: { readonly items: readonly EventView[]; readonly last_seq: number },
  ];
}

/** Calls one method of the daemon. Absent parameters are left out of the request. */
export async function callDaemon<Method extends keyof Methods>(
  client: CliClient,
  method: Method,
  params: Methods[Method][0],
): Promise<Methods[Method][1]> {
  const present = Object.entries(params).filter(([, value]) => value !== undefined);
  return await client.call<Methods[Method][1]>(method, Object.fromEntries(present), {
    timeoutMs: CALL_TIMEOUT_MS,
  });
}

const CALL_TIMEOUT_MS = 30_000;

/** Runs `use` on one connection and closes it in the end, or as soon as the user presses Ctrl-C. */
export async function withDaemon<T>(
  context: CommandContext,
  use: (client: CliClient) => Promise<T>,
): Promise<T> {
  const client = await context.world.connect({ socketPath: context.world.paths.socket });
  const close = (): void => client.close();
  context.interrupted.addEventListener('abort', close, { once: true });
  try {
    return await use(client);
  } finally {
    context.interrupted.removeEventListener('abort', close);
    client.close();
  }
}
