-- What was seen and what was listed is never changed.

CREATE FUNCTION sansang_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
	RAISE EXCEPTION '% is append-only', TG_TABLE_NAME;
END;
$$;

CREATE TRIGGER assessments_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON assessments
	FOR EACH STATEMENT EXECUTE FUNCTION sansang_append_only();

CREATE TRIGGER lists_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON lists
	FOR EACH STATEMENT EXECUTE FUNCTION sansang_append_only();

CREATE TRIGGER list_units_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON list_units
	FOR EACH STATEMENT EXECUTE FUNCTION sansang_append_only();

CREATE TRIGGER mergers_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON mergers
	FOR EACH STATEMENT EXECUTE FUNCTION sansang_append_only();
