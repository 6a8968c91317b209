"""The tables of the derived index; any change here is a new `SCHEMA`, and a rebuild."""

from __future__ import annotations

__all__ = ["INDEXES", "SCHEMA", "TABLES"]

SCHEMA = 12

TABLES = """
CREATE TABLE place (journal TEXT, schema INTEGER, at INTEGER, n INTEGER, chain TEXT,
    last INTEGER);
CREATE TABLE tables (name TEXT PRIMARY KEY, next INTEGER, there INTEGER) WITHOUT ROWID;
CREATE TABLE docs (tab TEXT, id INTEGER, at INTEGER, size INTEGER, PRIMARY KEY (tab, id))
    WITHOUT ROWID;

CREATE TABLE names (id INTEGER PRIMARY KEY, project TEXT, folded TEXT, name TEXT,
    newest INTEGER, widest INTEGER, described TEXT, UNIQUE (project, folded));
CREATE TABLE types (name INTEGER, key TEXT, kind TEXT, PRIMARY KEY (name, key)) WITHOUT ROWID;
CREATE TABLE declarations (id INTEGER PRIMARY KEY, at INTEGER, size INTEGER, name INTEGER,
    number INTEGER, UNIQUE (name, number));

CREATE TABLE versions (id INTEGER PRIMARY KEY, at INTEGER, size INTEGER, name INTEGER,
    number INTEGER, conditions TEXT, emission TEXT, execution TEXT, state TEXT, created TEXT,
    moment TEXT, marked INTEGER, aliased INTEGER, UNIQUE (name, number));
CREATE TABLE parts (id INTEGER, key TEXT, value TEXT, name INTEGER, isnum INTEGER, num REAL,
    iswhen INTEGER, moment REAL, PRIMARY KEY (id, key)) WITHOUT ROWID;
CREATE TABLE marks (id INTEGER PRIMARY KEY, at INTEGER, size INTEGER, name INTEGER,
    number INTEGER);
CREATE TABLE aliases (name INTEGER, alias TEXT, number INTEGER, PRIMARY KEY (name, alias))
    WITHOUT ROWID;

CREATE TABLE executions (id INTEGER PRIMARY KEY, at INTEGER, size INTEGER, key TEXT UNIQUE,
    state TEXT, root TEXT, path TEXT, parent TEXT, project TEXT, plan TEXT, name TEXT,
    cache TEXT, begun TEXT, attempt INTEGER);
CREATE TABLE edges (execution TEXT, made INTEGER, input TEXT, item TEXT, how TEXT,
    PRIMARY KEY (execution, made, input, item, how)) WITHOUT ROWID;

CREATE TABLE plans (id INTEGER PRIMARY KEY, at INTEGER, size INTEGER, project TEXT, name TEXT,
    number INTEGER, UNIQUE (project, name, number));
CREATE TABLE switches (id INTEGER PRIMARY KEY, at INTEGER, size INTEGER, project TEXT,
    plan TEXT, UNIQUE (project, plan));
CREATE TABLE ledger (id INTEGER PRIMARY KEY, at INTEGER, size INTEGER, key TEXT UNIQUE,
    project TEXT, plan TEXT, state TEXT, execution TEXT, lane TEXT, due TEXT, open TEXT,
    event INTEGER);
CREATE TABLE fired (ref TEXT, row INTEGER, PRIMARY KEY (ref, row)) WITHOUT ROWID;
CREATE TABLE firings (project TEXT, plan TEXT, name INTEGER, conditions TEXT, version INTEGER,
    row INTEGER, PRIMARY KEY (project, plan, name, conditions, version, row)) WITHOUT ROWID;
CREATE TABLE stores (id INTEGER PRIMARY KEY, at INTEGER, size INTEGER, key TEXT UNIQUE);
CREATE TABLE code (id INTEGER PRIMARY KEY, at INTEGER, size INTEGER, digest TEXT UNIQUE);
CREATE UNIQUE INDEX names_folded ON names (folded, project);
CREATE INDEX marks_version ON marks (name, number);

CREATE TABLE terms (field TEXT, value TEXT, folded TEXT, PRIMARY KEY (field, value))
    WITHOUT ROWID;
CREATE TABLE sets (term TEXT, block INTEGER, ids BLOB, PRIMARY KEY (term, block)) WITHOUT ROWID;
CREATE TABLE spans (block INTEGER PRIMARY KEY, low TEXT, high TEXT);
CREATE TABLE texts (id INTEGER PRIMARY KEY, text TEXT);
CREATE TABLE lexicon (kind TEXT, block INTEGER, entries BLOB, ends BLOB, ids BLOB,
    UNIQUE (kind, block));
"""

INDEXES = """
CREATE UNIQUE INDEX versions_emission ON versions (emission);
CREATE INDEX versions_conditions ON versions (name, conditions, number);
CREATE INDEX parts_value ON parts (key, value, name, id);
CREATE INDEX executions_state ON executions (state) WHERE state <> 'succeeded';
CREATE INDEX executions_again ON executions (attempt) WHERE attempt > 1;
CREATE INDEX executions_root ON executions (root, key);
CREATE INDEX executions_path ON executions (root, path) WHERE path IS NOT NULL;
CREATE INDEX executions_parent ON executions (parent) WHERE parent IS NOT NULL;
CREATE INDEX executions_plan ON executions (plan) WHERE plan IS NOT NULL;
CREATE INDEX executions_begun ON executions (plan, begun) WHERE begun IS NOT NULL;
CREATE INDEX executions_name ON executions (name);
CREATE INDEX executions_cache ON executions (cache, project) WHERE cache IS NOT NULL;
CREATE INDEX edges_item ON edges (item, made);
CREATE INDEX ledger_event ON ledger (event);
CREATE INDEX ledger_plan ON ledger (plan, event);
CREATE INDEX ledger_open ON ledger (open, plan, event) WHERE open IS NOT NULL;
CREATE INDEX ledger_lane ON ledger (lane, plan, event) WHERE lane IS NOT NULL;
CREATE INDEX ledger_due ON ledger (due) WHERE due IS NOT NULL;
CREATE INDEX ledger_execution ON ledger (execution) WHERE execution IS NOT NULL;
"""
"""Made after the rows of a whole journal: sorted once instead of kept sorted."""
