-- Lists, runs and what came of them. {{id}} and {{blob}} are the only words in
-- which the engines differ here; times are microseconds since 1970 UTC, 0 for
-- none; yes and no are 1 and 0; JSON is text.

CREATE TABLE lists (
	id       {{id}},
	name     TEXT   NOT NULL,
	sha256   TEXT   NOT NULL UNIQUE,
	created  BIGINT NOT NULL,
	problems TEXT   NOT NULL
);

CREATE TABLE list_units (
	list        BIGINT NOT NULL REFERENCES lists (id),
	pos         BIGINT NOT NULL,
	unit        TEXT   NOT NULL,
	name        TEXT   NOT NULL,
	kind        TEXT   NOT NULL,
	parent      TEXT   NOT NULL,
	gso         TEXT   NOT NULL,
	declared    TEXT   NOT NULL,
	file_name   TEXT   NOT NULL,
	file_sha256 TEXT   NOT NULL,
	cas         TEXT   NOT NULL,
	documents   TEXT   NOT NULL,
	PRIMARY KEY (list, unit)
);
CREATE UNIQUE INDEX list_units_pos ON list_units (list, pos);
CREATE INDEX list_units_unit ON list_units (unit);
CREATE INDEX list_units_parent ON list_units (list, parent);

CREATE TABLE mergers (
	list BIGINT NOT NULL REFERENCES lists (id),
	old  TEXT   NOT NULL,
	new  TEXT   NOT NULL,
	day  TEXT   NOT NULL,
	PRIMARY KEY (list, old)
);

CREATE TABLE runs (
	id             {{id}},
	list           BIGINT NOT NULL REFERENCES lists (id),
	kind           TEXT   NOT NULL,
	policy_id      TEXT   NOT NULL,
	policy_version TEXT   NOT NULL,
	policy_sha256  TEXT   NOT NULL,
	policy_source  TEXT   NOT NULL,
	settings       TEXT   NOT NULL,
	vantages       TEXT   NOT NULL,
	state          TEXT   NOT NULL,
	created        BIGINT NOT NULL,
	ended          BIGINT NOT NULL DEFAULT 0,
	landed         BIGINT NOT NULL DEFAULT 0,
	chain          TEXT   NOT NULL
);
CREATE INDEX runs_list ON runs (list, state);

CREATE TABLE run_units (
	run            BIGINT NOT NULL REFERENCES runs (id),
	unit           TEXT   NOT NULL,
	pos            BIGINT NOT NULL,
	verdict        TEXT   NOT NULL DEFAULT '',
	complete       BIGINT NOT NULL DEFAULT 0,
	judged_at      BIGINT NOT NULL DEFAULT 0,
	policy_id      TEXT   NOT NULL DEFAULT '',
	policy_version TEXT   NOT NULL DEFAULT '',
	policy_sha256  TEXT   NOT NULL DEFAULT '',
	tally          TEXT   NOT NULL DEFAULT '{}',
	because        TEXT   NOT NULL DEFAULT '[]',
	expires        BIGINT NOT NULL DEFAULT 0,
	PRIMARY KEY (run, unit)
);
CREATE UNIQUE INDEX run_units_pos ON run_units (run, pos);
CREATE INDEX run_units_verdict ON run_units (run, verdict);
CREATE INDEX run_units_expires ON run_units (run, expires);
CREATE INDEX run_units_unit ON run_units (unit, judged_at);

CREATE TABLE tasks (
	run        BIGINT NOT NULL REFERENCES runs (id),
	unit       TEXT   NOT NULL,
	vantage    TEXT   NOT NULL,
	state      TEXT   NOT NULL,
	generation BIGINT NOT NULL DEFAULT 0,
	worker     TEXT   NOT NULL DEFAULT '',
	lease      BIGINT NOT NULL DEFAULT 0,
	attempts   BIGINT NOT NULL DEFAULT 0,
	error      TEXT   NOT NULL DEFAULT '',
	priority   BIGINT NOT NULL DEFAULT 1,
	began      BIGINT NOT NULL DEFAULT 0,
	ended      BIGINT NOT NULL DEFAULT 0,
	PRIMARY KEY (run, unit, vantage)
);
CREATE INDEX tasks_state ON tasks (run, vantage, state);
CREATE INDEX tasks_lease ON tasks (state, lease);
CREATE INDEX tasks_worker ON tasks (worker, state);

CREATE TABLE assessments (
	id          {{id}},
	run         BIGINT NOT NULL REFERENCES runs (id),
	seq         BIGINT NOT NULL,
	unit        TEXT   NOT NULL,
	vantage     TEXT   NOT NULL,
	generation  BIGINT NOT NULL,
	machine     TEXT   NOT NULL,
	started     BIGINT NOT NULL,
	finished    BIGINT NOT NULL,
	connections BIGINT NOT NULL,
	size        BIGINT NOT NULL,
	sha256      TEXT   NOT NULL,
	prev        TEXT   NOT NULL,
	chain       TEXT   NOT NULL,
	body        {{blob}} NOT NULL
);
CREATE UNIQUE INDEX assessments_task ON assessments (run, unit, vantage);
CREATE UNIQUE INDEX assessments_seq ON assessments (run, seq);
CREATE INDEX assessments_unit ON assessments (unit, started);

CREATE TABLE findings (
	run         BIGINT NOT NULL REFERENCES runs (id),
	unit        TEXT   NOT NULL,
	requirement TEXT   NOT NULL,
	decides     BIGINT NOT NULL,
	verdict     TEXT   NOT NULL,
	severity    TEXT   NOT NULL,
	places      BIGINT NOT NULL,
	detail      TEXT   NOT NULL,
	PRIMARY KEY (run, unit, requirement)
);
CREATE INDEX findings_requirement ON findings (run, requirement, verdict);
CREATE INDEX findings_unit ON findings (unit, requirement);

CREATE TABLE places (
	run         BIGINT NOT NULL REFERENCES runs (id),
	unit        TEXT   NOT NULL,
	vantage     TEXT   NOT NULL,
	endpoint    TEXT   NOT NULL,
	target      TEXT   NOT NULL,
	kind        TEXT   NOT NULL,
	cause       TEXT   NOT NULL,
	detail      TEXT   NOT NULL,
	connections BIGINT NOT NULL,
	PRIMARY KEY (run, unit, vantage, endpoint)
);
CREATE INDEX places_cause ON places (run, cause);

CREATE TABLE workers (
	id      TEXT   PRIMARY KEY,
	vantage TEXT   NOT NULL,
	name    TEXT   NOT NULL,
	host    TEXT   NOT NULL,
	pid     BIGINT NOT NULL,
	version TEXT   NOT NULL,
	started BIGINT NOT NULL,
	seen    BIGINT NOT NULL,
	stopped BIGINT NOT NULL DEFAULT 0
);
CREATE INDEX workers_seen ON workers (stopped, seen);

CREATE TABLE shares (
	key    TEXT   NOT NULL,
	worker TEXT   NOT NULL,
	until  BIGINT NOT NULL,
	PRIMARY KEY (key, worker)
);
CREATE INDEX shares_worker ON shares (worker);
CREATE INDEX shares_until ON shares (until);

CREATE TABLE schedules (
	id       {{id}},
	list     BIGINT NOT NULL REFERENCES lists (id),
	settings TEXT   NOT NULL,
	every    TEXT   NOT NULL,
	what     TEXT   NOT NULL,
	at       TEXT   NOT NULL,
	next     BIGINT NOT NULL,
	last_run BIGINT NOT NULL DEFAULT 0,
	enabled  BIGINT NOT NULL DEFAULT 1
);
CREATE INDEX schedules_next ON schedules (enabled, next);
