package store

import (
	"context"
	"time"

	"github.com/sansang/sansang/internal/inventory"
	"github.com/sansang/sansang/internal/judge"
	"github.com/sansang/sansang/internal/lang"
	"github.com/sansang/sansang/internal/record"
)

// UnitRow is how a unit of a run stands.
type UnitRow struct {
	Run      int64
	Pos      int // in the run
	Identity inventory.Identity
	Judged   bool // else Verdict and what follows say nothing
	Verdict  judge.UnitVerdict
	Complete bool // judged with the assessments of all vantages
	JudgedAt time.Time
	Policy   record.Policy
	Tally    judge.Tally
	Because  []lang.Text
	Expires  time.Time // zero: not known
}

const unitRowQuery = `SELECT u.run, u.pos, u.unit, l.name, l.kind, l.parent, l.gso, u.verdict, u.complete, u.judged_at,
	u.policy_id, u.policy_version, u.policy_sha256, u.tally, u.because, u.expires
	FROM run_units u JOIN runs r ON r.id = u.run JOIN list_units l ON l.list = r.list AND l.unit = u.unit `

func scanUnitRow(scan func(...any) error) (u UnitRow, err error) {
	var verdict, tally, because string
	var complete, judged, expires int64
	i, p := &u.Identity, &u.Policy
	if err = scan(&u.Run, &u.Pos, &i.ID, &i.Name, &i.Kind, &i.Parent, &i.GSO, &verdict, &complete, &judged, &p.ID, &p.Version, &p.SHA256, &tally, &because, &expires); err != nil {
		return u, err
	}
	u.Complete, u.JudgedAt, u.Expires = complete == 1, moment(judged), moment(expires)
	if u.Judged = verdict != ""; !u.Judged {
		return u, nil
	}
	if err = u.Verdict.UnmarshalText([]byte(verdict)); err != nil {
		return u, err
	}
	if err = decode("tally", tally, &u.Tally); err != nil {
		return u, err
	}
	return u, decode("because", because, &u.Because)
}

// EachUnit hands on the units of a run, in its order. In a transaction f must
// not use that.
func (r reader) EachUnit(ctx context.Context, run int64, f func(UnitRow) error) error {
	rows, err := r.query(ctx, unitRowQuery+`WHERE u.run = $1 ORDER BY u.pos`, run)
	return each(rows, err, scanUnitRow, f)
}

// Unit gives one unit of a run.
func (r reader) Unit(ctx context.Context, run int64, unit string) (UnitRow, error) {
	u, err := scanUnitRow(r.row(ctx, unitRowQuery+`WHERE u.run = $1 AND u.unit = $2`, run, unit).Scan)
	return u, r.none(err, "đơn vị", "unit", unit)
}

// Newest gives, for each unit of a list, how it came out in the newest run over
// a list of the same name that judged it; units that none did are left out.
func (r reader) Newest(ctx context.Context, list int64) (map[string]UnitRow, error) {
	rows, err := r.query(ctx, unitRowQuery+`WHERE u.verdict <> '' AND r.list IN (SELECT o.id FROM lists o JOIN lists m ON m.name = o.name WHERE m.id = $1)
		AND EXISTS (SELECT 1 FROM list_units n WHERE n.list = $1 AND n.unit = u.unit) ORDER BY u.run`, list)
	out := map[string]UnitRow{}
	err = each(rows, err, scanUnitRow, func(u UnitRow) error { out[u.Identity.ID] = u; return nil })
	return out, err
}

// FindingRow is a finding and whose it is.
type FindingRow struct {
	Run  int64
	Unit string
	Finding
}

// Which findings are asked for; what is empty asks for all.
type Which struct {
	Unit        string
	Requirement string
	Verdict     string // by name, such as "fail"
}

// EachFinding hands on the findings of a run, unit by unit in the order of their
// identifiers. In a transaction f must not use that.
func (r reader) EachFinding(ctx context.Context, run int64, w Which, f func(FindingRow) error) error {
	q, args := `SELECT `+findingColumns+` FROM findings WHERE run = $1`, []any{run}
	for _, c := range []struct{ column, value string }{{"unit", w.Unit}, {"requirement", w.Requirement}, {"verdict", w.Verdict}} {
		if c.value != "" {
			args = append(args, c.value)
			q += " AND " + c.column + " = " + parameter(len(args))
		}
	}
	rows, err := r.query(ctx, q+` ORDER BY unit, requirement`, args...)
	return each(rows, err, scanFinding, f)
}

// Findings gives findings of a run as a list.
func (r reader) Findings(ctx context.Context, run int64, w Which) (out []FindingRow, err error) {
	err = r.EachFinding(ctx, run, w, func(f FindingRow) error { out = append(out, f); return nil })
	return out, err
}

func scanFinding(scan func(...any) error) (f FindingRow, err error) {
	var decides int64
	var verdict, detail string
	if err = scan(&f.Run, &f.Unit, &f.Requirement, &decides, &verdict, &f.Severity, &f.Places, &detail); err != nil {
		return f, err
	}
	f.Decides = decides == 1
	if err = f.Verdict.UnmarshalText([]byte(verdict)); err != nil {
		return f, err
	}
	return f, decode("detail", detail, &f.Detail)
}

// EachPlace hands on the endpoints of a run that were looked at; with dead only
// those of which nothing was seen. In a transaction f must not use that.
func (r reader) EachPlace(ctx context.Context, run int64, dead bool, f func(Place) error) error {
	q := `SELECT ` + placeColumns + ` FROM places WHERE run = $1`
	if dead {
		q += ` AND cause <> ''`
	}
	rows, err := r.query(ctx, q+` ORDER BY unit, vantage, endpoint`, run)
	return each(rows, err, func(scan func(...any) error) (p Place, err error) {
		err = scan(&run, &p.Unit, &p.Vantage, &p.Endpoint, &p.Target, &p.Kind, &p.Cause, &p.Detail, &p.Connections)
		return p, err
	}, f)
}

// Hung gives the units of the newest runs over lists of the same name that had
// an endpoint of one of the causes, such as "timeout".
func (r reader) Hung(ctx context.Context, list int64, causes ...string) (map[string]bool, error) {
	out := map[string]bool{}
	for _, cause := range causes {
		rows, err := r.query(ctx, `SELECT DISTINCT unit FROM places WHERE cause = $2 AND run = (SELECT MAX(r.id) FROM runs r JOIN lists o ON o.id = r.list JOIN lists m ON m.name = o.name
			WHERE m.id = $1 AND r.landed > 0)`, list, cause)
		err = each(rows, err, scanText, func(u string) error { out[u] = true; return nil })
		if err != nil {
			return nil, err
		}
	}
	return out, nil
}
