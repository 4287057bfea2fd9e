-- What was seen and what was listed is never changed.

CREATE TRIGGER assessments_no_update BEFORE UPDATE ON assessments
BEGIN
	SELECT RAISE(ABORT, 'assessments is append-only');
END;

CREATE TRIGGER assessments_no_delete BEFORE DELETE ON assessments
BEGIN
	SELECT RAISE(ABORT, 'assessments is append-only');
END;

CREATE TRIGGER lists_no_update BEFORE UPDATE ON lists
BEGIN
	SELECT RAISE(ABORT, 'lists is append-only');
END;

CREATE TRIGGER lists_no_delete BEFORE DELETE ON lists
BEGIN
	SELECT RAISE(ABORT, 'lists is append-only');
END;

CREATE TRIGGER list_units_no_update BEFORE UPDATE ON list_units
BEGIN
	SELECT RAISE(ABORT, 'list_units is append-only');
END;

CREATE TRIGGER list_units_no_delete BEFORE DELETE ON list_units
BEGIN
	SELECT RAISE(ABORT, 'list_units is append-only');
END;

CREATE TRIGGER mergers_no_update BEFORE UPDATE ON mergers
BEGIN
	SELECT RAISE(ABORT, 'mergers is append-only');
END;

CREATE TRIGGER mergers_no_delete BEFORE DELETE ON mergers
BEGIN
	SELECT RAISE(ABORT, 'mergers is append-only');
END;
