import type Database from 'better-sqlite3';
import type { DeclarationTransaction } from '../../declare/ports.ts';
import type { Clock } from '../../lib/clock.ts';
import type { Columns } from './columns.ts';
import { toSpecColumns } from './routes.ts';

/** Routes by the names that manifests give them. */
export function openDeclaredRoutes(
  db: Database.Database,
  clock: Clock,
): Pick<DeclarationTransaction, 'declareRoute' | 'withdrawRoute' | 'endRoutesOf'> {
  const declare = db
    .prepare<[Columns], string>(`
    INSERT INTO routes (
      id, name, event_type, scope_kind, scope_value, target_rule, target_value, master_rule, master_value, template,
      enabled, cursor, created_at, updated_at
    ) VALUES (
      @id, @name, @eventType, @scopeKind, @scopeValue, @targetRule, @targetValue, @masterRule, @masterValue, @template,
      @enabled, @cursor, @now, @now
    )
    ON CONFLICT (name) WHERE name IS NOT NULL DO UPDATE SET
      event_type = excluded.event_type, scope_kind = excluded.scope_kind, scope_value = excluded.scope_value,
      target_rule = excluded.target_rule, target_value = excluded.target_value,
      master_rule = excluded.master_rule, master_value = excluded.master_value, template = excluded.template,
      cursor = CASE
        WHEN event_type <> excluded.event_type THEN max(cursor, excluded.cursor)
        ELSE cursor END,
      enabled = excluded.enabled, updated_at = excluded.updated_at
    RETURNING id`)
    .pluck();
  const withdraw = db
    .prepare<[string], string>('DELETE FROM routes WHERE name = ? RETURNING id')
    .pluck();
  const endOf = db
    .prepare<[string], string>(`
    DELETE FROM routes WHERE (SELECT agent_id FROM agents WHERE managed_pane_id = ?) IN (
      CASE scope_kind WHEN 'agent_id' THEN scope_value END,
      CASE target_rule WHEN 'explicit' THEN target_value END,
      CASE master_rule WHEN 'explicit' THEN master_value END
    ) RETURNING id`)
    .pluck();
  return {
    declareRoute: ({ id, name, cursor, enabled, spec }) => {
      const kept = declare.get({
        id,
        name,
        cursor,
        enabled: Number(enabled),
        ...toSpecColumns(spec),
        now: clock.now(),
      });
      return kept ?? id;
    },
    withdrawRoute: (name) => withdraw.get(name),
    endRoutesOf: (pane) => endOf.all(pane),
  };
}
