/** What became of one declared object. */
export interface AppliedObject {
  readonly kind: 'Layout' | 'LayoutTemplate' | 'LaunchProfile' | 'Route';
  readonly name: string;
  readonly container?: string;
  readonly action:
    | 'created'
    | 'configured'
    | 'unchanged'
    | 'transferred'
    | 'pruned'
    | 'deleted'
    | 'not found';
  readonly generation?: number;
  readonly note?: string;
}
