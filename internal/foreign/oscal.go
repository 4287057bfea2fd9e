package foreign

import (
	"encoding/json"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/sansang/sansang/internal/inventory"
	"github.com/sansang/sansang/internal/lang"
)

// OSCAL assessment results (NIST, 1.1.x) hold findings about objectives or
// statements of controls: an assessor's words, or a tool's, that a requirement
// is satisfied or is not. Those that name one of our requirements are claims.

type oscalProp struct{ Name, Value string }

type oscalFinding struct {
	UUID   string      `json:"uuid"`
	Title  string      `json:"title"`
	Props  []oscalProp `json:"props"`
	Target struct {
		ID     string      `json:"target-id"`
		Props  []oscalProp `json:"props"`
		Status struct {
			State string `json:"state"`
		} `json:"status"`
	} `json:"target"`
	Related []struct {
		UUID string `json:"observation-uuid"`
	} `json:"related-observations"`
}

type oscalResult struct {
	Start        string `json:"start"`
	End          string `json:"end"`
	Observations []struct {
		UUID      string `json:"uuid"`
		Collected string `json:"collected"`
		Expires   string `json:"expires"`
	} `json:"observations"`
	Findings []oscalFinding `json:"findings"`
}

type oscalMetadata struct {
	Title   string `json:"title"`
	Version string `json:"oscal-version"`
	Parties []struct {
		UUID string `json:"uuid"`
		Name string `json:"name"`
	} `json:"parties"`
	Responsible []struct {
		Role    string   `json:"role-id"`
		Parties []string `json:"party-uuids"`
	} `json:"responsible-parties"`
}

func readOSCAL(data []byte) (*Result, error) {
	if strings.HasPrefix(strings.TrimSpace(string(data[:min(len(data), 64)])), "<") {
		return nil, wrongf("OSCAL dạng XML chưa đọc được; chuyển sang JSON (ví dụ bằng oscal-cli convert)", "OSCAL in XML is not read; convert it to JSON (with oscal-cli convert, say)")
	}
	var file struct {
		Results *struct {
			Metadata oscalMetadata `json:"metadata"`
			Results  []oscalResult `json:"results"`
		} `json:"assessment-results"`
	}
	if err := json.Unmarshal(data, &file); err != nil {
		return nil, err
	}
	if file.Results == nil {
		return nil, wrongf("tệp không có assessment-results", "the file has no assessment-results")
	}
	r := &Result{Tool: "OSCAL", Version: short(file.Results.Metadata.Version)}
	by := file.Results.Metadata.assessor()
	for _, one := range file.Results.Results {
		if len(one.Findings) > maxResults || len(one.Observations) > 10*maxResults {
			return nil, wrongf("có hơn %d mục", "there are more than %d results", maxResults)
		}
		for _, f := range one.Findings {
			r.finding(one, f, by)
		}
	}
	return r, nil
}

// finding makes a claim of a finding, or lists it with the reason why not. Two
// about one requirement are one claim: not met if either says so. What is met is
// as old as the oldest that shows it; what is not met as new as the newest, or a
// document from between would speak against it.
func (r *Result) finding(of oscalResult, f oscalFinding, by string) {
	leave := func(vi, en string) {
		r.Left = addLeft(r.Left, Left{short(strings.TrimSpace(f.Title + " " + f.Target.ID)), lang.T(vi, en)})
	}
	id, whole := f.requirement()
	met := f.Target.Status.State == "satisfied"
	at, until := of.when(f, met)
	switch {
	case id == "":
		leave("không nói về yêu cầu nào của bộ yêu cầu này", "it is about no requirement of this catalogue")
		return
	case !met && f.Target.Status.State != "not-satisfied":
		leave("không nói rõ đạt hay chưa (status.state)", "it does not say plainly whether it is satisfied (status.state)")
		return
	case met && !whole:
		leave("chỉ nói một phần của yêu cầu đạt", "it says that a part of the requirement alone is satisfied")
		return
	}
	if at.After(r.Produced) {
		r.Produced = at
	}
	c := Claim{Requirement: id, Met: met, At: at, Until: until, By: by}
	i := slices.IndexFunc(r.Claims, func(have Claim) bool { return have.Requirement == id })
	if i < 0 {
		r.Claims = append(r.Claims, c)
		return
	}
	have := &r.Claims[i]
	switch {
	case have.Met != met:
		if have.Met {
			*have = c
		}
	case met:
		have.At, have.Until = earlier(have.At, at), earlier(have.Until, until)
	case at.After(have.At):
		have.At, have.Until = at, until
	}
}

// earlier gives the earlier of two moments that are told.
func earlier(a, b time.Time) time.Time {
	if a.IsZero() || !b.IsZero() && b.Before(a) {
		return b
	}
	return a
}

var oscalTarget = regexp.MustCompile(`^([A-Za-z]{2,5}-[0-9]{2})(_smt|_obj)?([._-].+)?$`)

// requirement is the one of ours that a finding is about: by a property named
// requirement, or by the ID of its target. whole is false of a part of one.
func (f *oscalFinding) requirement() (id string, whole bool) {
	for _, p := range slices.Concat(f.Props, f.Target.Props) {
		if m := oscalTarget.FindStringSubmatch(p.Value); p.Name == "requirement" && m != nil {
			return strings.ToUpper(m[1]), m[3] == ""
		}
	}
	m := oscalTarget.FindStringSubmatch(f.Target.ID)
	if m == nil {
		return "", false
	}
	return strings.ToUpper(m[1]), m[3] == ""
}

// when is when what a finding rests on was collected: the oldest of what shows
// that something is met, the newest of what shows that it is not. Where no
// observation tells, it is when the assessment ended, or else began.
func (of oscalResult) when(f oscalFinding, met bool) (at, until time.Time) {
	for _, o := range of.Observations {
		if !slices.ContainsFunc(f.Related, func(r struct {
			UUID string `json:"observation-uuid"`
		}) bool {
			return r.UUID == o.UUID
		}) {
			continue
		}
		switch t := moment(o.Collected, time.UTC); {
		case met:
			at = earlier(at, t)
		case t.After(at):
			at = t
		}
		until = earlier(until, moment(o.Expires, time.UTC))
	}
	if at.IsZero() {
		at = moment(of.End, time.UTC)
	}
	if at.IsZero() {
		at = moment(of.Start, time.UTC)
	}
	return at, until
}

// assessor names who assessed, as the file says.
func (m oscalMetadata) assessor() string {
	for _, role := range m.Responsible {
		for _, p := range m.Parties {
			if slices.Contains(role.Parties, p.UUID) && p.Name != "" && strings.Contains(role.Role, "assess") {
				return short(p.Name)
			}
		}
	}
	if len(m.Parties) == 1 && m.Parties[0].Name != "" {
		return short(m.Parties[0].Name)
	}
	return short("OSCAL: " + m.Title)
}

// Issued is the day of a claim in Vietnam.
func (c Claim) Issued() inventory.Date { return dayOf(c.At) }

// End is the last day of a claim; zero: it has none.
func (c Claim) End() inventory.Date {
	if c.Until.IsZero() {
		return inventory.Date{}
	}
	return dayOf(c.Until)
}

func dayOf(t time.Time) inventory.Date {
	d, _ := inventory.ParseDate(t.In(inventory.Vietnam).Format(time.DateOnly))
	return d
}
