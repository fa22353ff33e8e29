/** Version 30: routes that manifests declare. A route that ends takes its declaration with it. */
export const DECLARED_ROUTES = `
ALTER TABLE routes ADD COLUMN name TEXT;
CREATE UNIQUE INDEX route_of_name ON routes (name) WHERE name IS NOT NULL;

ALTER TABLE declared_object RENAME TO declared_object_before;
CREATE TABLE declared_object (
  kind TEXT NOT NULL CHECK (kind IN ('LayoutTemplate', 'LaunchProfile', 'Route')),
  name TEXT NOT NULL,
  source TEXT NOT NULL,
  path TEXT NOT NULL,
  content_json TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL,
  PRIMARY KEY (kind, name)
) STRICT, WITHOUT ROWID;
INSERT INTO declared_object SELECT * FROM declared_object_before;
DROP TABLE declared_object_before;

CREATE TRIGGER declaration_of_route AFTER DELETE ON routes WHEN OLD.name IS NOT NULL BEGIN
  DELETE FROM declared_object WHERE kind = 'Route' AND name = OLD.name;
END;
`;
