import type { InstallationId, PaneId, TmuxPaneId } from '../../domain/ids.ts';
import type { Command } from './command.ts';

/** How a tmux keeps what says that a pane is ours, and that it stays when its program ends. */
export interface PaneMarks {
  readonly kind: 'pane-option' | 'start-command';
  /** Variables that a program of ours is started with; they have to come first. */
  startVariables(owner: Owner): readonly string[];
  /** Commands that mark a pane again that has just been started anew for the owner. */
  afterRespawn(owner: Owner, pane: TmuxPaneId): readonly Command[];
  /** Marks a pane that is there. */
  set(owner: Owner, pane: TmuxPaneId): Command;
  /** Takes the mark off. */
  clear(pane: TmuxPaneId): readonly Command[];
  /** The condition that the pane is the owner's, read from the pane itself. */
  isOn(pane: TmuxPaneId, owner: Owner): string;
  /** Asked before the panes are listed; its answer goes into `toTags`. */
  readonly before: readonly Command[];
  /** Asked in the list of panes. */
  readonly format: string;
  /** Makes tags (`formatTag`) of a pane's id and what `format` gave for it. */
  reader(before: readonly string[]): (pane: string, field: string) => string;
  /** A program that ends leaves its last screen and its exit status to look at. */
  keepWhenDead(target?: string): Command;
}

/** Whom a pane belongs to. */
export interface Owner {
  readonly installation: InstallationId;
  readonly owner: PaneId;
}
