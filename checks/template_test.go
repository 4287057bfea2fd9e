package checks

import (
	"context"
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/rs/zerolog"

	"github.com/sansang/sansang/internal/fact"
	"github.com/sansang/sansang/internal/inventory"
	"github.com/sansang/sansang/internal/jobs"
	"github.com/sansang/sansang/internal/templates"
)

// scripted answers as it was told: the template, and the control.
type scripted struct {
	answer, control jobs.Answer
	first           *jobs.Answer // what the first control is answered, if not that
	post            *jobs.Answer // what the control by POST is answered, if not that
	err             error
	asked           []string
}

func (s *scripted) Run(_ context.Context, t *templates.Template) (jobs.Answer, error) {
	s.asked = append(s.asked, t.ID)
	if t == controlPost && s.post != nil {
		return *s.post, nil
	}
	if t == Control || t == controlPost {
		if s.first != nil && !slices.Contains(s.asked[:len(s.asked)-1], t.ID) {
			return *s.first, nil
		}
		return s.control, nil
	}
	return s.answer, s.err
}

var web = inventory.Endpoint{ID: "web", Target: "https://127.0.0.1/", Kind: inventory.HTTPS, Zone: inventory.Internet}

func runTemplate(t *testing.T, e *scripted, of *templates.Template, seen map[string]fact.Observation) fact.Observation {
	t.Helper()
	c := FromTemplate("template:x", of)
	p := NewProbe(Settings{Now: time.Now, Timeout: time.Second, Log: zerolog.Nop(), Engine: e}, web, seen)
	o := c.Observe(t.Context(), p)
	if err := o.Validate(); err != nil {
		t.Fatal(err)
	}
	return o
}

func TestTemplateAnswers(t *testing.T) {
	status := func(s ...int) jobs.Answer { return jobs.Answer{Requests: len(s), Answers: len(s), Statuses: s} }
	first := func(s int) *jobs.Answer { a := status(s); return &a }
	sent := func(to string) jobs.Answer {
		a := status(302)
		a.Response = []byte("HTTP/1.1 302 Found\r\nLocation: " + to + "\r\n\r\n")
		return a
	}
	whole, _ := json.Marshal(Paths{Whole: fact.Known(true), Answers: []PathAnswer{}})
	judged := map[string]fact.Observation{HTTPPaths.ID: {Check: HTTPPaths.ID, Value: whole}}
	walled := map[string]fact.Observation{HTTPPaths.ID: {Check: HTTPPaths.ID, Unknown: fact.Because(fact.Blocked, "a wall")}}
	for _, c := range []struct {
		name      string
		engine    scripted
		seen      map[string]fact.Observation
		want      string // found, not found or a cause
		noControl bool
	}{
		{name: "found", engine: scripted{answer: jobs.Answer{Found: true, Matchers: []string{"vulnerable"}}}, want: "found", noControl: true},
		{name: "found by a matcher without a name", engine: scripted{answer: jobs.Answer{Found: true}}, want: "found"},
		{name: "not found", engine: scripted{answer: status(404)}, want: "not found", noControl: true},
		{name: "no answer", engine: scripted{answer: jobs.Answer{Cause: "timeout", Detail: "x"}}, want: "timeout"},
		{name: "the worker is gone", engine: scripted{err: fact.Because(fact.Broken, "x")}, want: "broken"},
		{name: "the product hides its version", engine: scripted{answer: jobs.Answer{Found: true, Matchers: []string{undetermined}}}, want: "unanswered"},
		{name: "hidden here, shown there", engine: scripted{answer: jobs.Answer{Found: true, Matchers: []string{undetermined, "vulnerable"}}}, want: "found"},
		{name: "this path is forbidden", engine: scripted{answer: status(403), control: status(404)}, want: "not found"},
		{name: "everything is forbidden", engine: scripted{answer: status(403), control: status(403)}, want: "blocked"},
		{name: "one of two is forbidden like everything", engine: scripted{answer: status(404, 403), control: status(403)}, want: "blocked"},
		{name: "one of two is forbidden, the other is not there", engine: scripted{answer: status(403, 404), control: status(404)}, want: "not found"},
		{name: "one of two is forbidden, the server fails at the other", engine: scripted{answer: status(403, 500), control: status(404)}, want: "unanswered"},
		{name: "too many questions", engine: scripted{answer: status(429), control: status(429)}, want: "blocked"},
		{name: "everything wants a password", engine: scripted{answer: status(401), control: status(401)}, want: "blocked"},
		{name: "wrong scheme", engine: scripted{answer: status(400), control: status(400)}, want: "blocked"},
		{name: "one is missing, the other is forbidden", engine: scripted{answer: status(404, 403), control: status(404)}, want: "not found"},
		{name: "one is forbidden, at the other the server fails", engine: scripted{answer: status(403, 500), control: status(404)}, want: "unanswered"},
		{name: "the door closed meanwhile, with a page", engine: scripted{answer: status(200), first: first(404), control: status(200)}, want: "blocked"},
		{name: "the door closed meanwhile, by sending away", engine: scripted{answer: status(302), first: first(404), control: status(302)}, want: "blocked"},
		{name: "a page where others are not", engine: scripted{answer: status(200), control: status(404)}, want: "not found"},
		{name: "one page for everything, of whom nobody knows", engine: scripted{answer: status(200), control: status(200)}, want: "blocked"},
		{name: "one page for everything, of the site's own", engine: scripted{answer: status(200), control: status(200)}, seen: judged, want: "not found"},
		{name: "everything is sent to the log-in", engine: scripted{answer: sent("/login"), control: sent("/login")}, want: "not found"},
		{name: "everything is sent elsewhere", engine: scripted{answer: sent("https://guard.example/"), control: sent("https://guard.example/")}, want: "blocked"},
		{name: "the server fails at it", engine: scripted{answer: status(500), control: status(404)}, want: "unanswered"},
		{name: "the control has no answer", engine: scripted{answer: status(403), control: jobs.Answer{Cause: "reset"}}, want: "reset"},
		{name: "a wall was met before", engine: scripted{answer: status(404)}, seen: walled, want: "blocked", noControl: true},
	} {
		e := c.engine
		o := runTemplate(t, &e, &templates.Template{ID: "x", Protocols: []string{"http"}}, c.seen)
		got := "not found"
		var m Match
		switch {
		case o.Unknown != nil:
			got = string(o.Unknown.Cause)
		case json.Unmarshal(o.Value, &m) == nil && m.Found:
			got = "found"
		}
		if got != c.want {
			t.Errorf("%s: %s, want %s (%v)", c.name, got, c.want, o.Unknown)
		}
		if c.noControl && strings.HasSuffix(strings.Join(e.asked, " "), "x control") {
			t.Errorf("%s: asked the control for nothing", c.name)
		}
	}
}

func TestWithoutWorkerNothingIsKnown(t *testing.T) {
	c := FromTemplate("template:x", &templates.Template{ID: "x", Protocols: []string{"http"}})
	o := c.Observe(t.Context(), NewProbe(Settings{Now: time.Now, Log: zerolog.Nop()}, web, nil))
	if o.Unknown == nil || o.Unknown.Cause != fact.Skipped {
		t.Errorf("%+v", o)
	}
}

// What should be nobody's is not kept by us either.
func TestFoundSecretsAreNotKept(t *testing.T) {
	a := jobs.Answer{Found: true, At: "https://127.0.0.1/.env", Extracted: []string{"hunter2"}, Response: []byte("HTTP/1.1 200 OK\r\nServer: x\r\n\r\nDB_PASSWORD=hunter2"), Answers: 1}
	o := runTemplate(t, &scripted{answer: a}, &templates.Template{ID: "x", Protocols: []string{"http"}, Secret: true}, nil)
	all, err := json.Marshal(o)
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(string(all), "hunter2") || len(o.Evidence) != 1 || strings.Contains(string(o.Evidence[0].Received), "hunter2") {
		t.Errorf("the record keeps the password: %s", all)
	}
	if !strings.Contains(string(o.Evidence[0].Received), "Server: x") || !strings.Contains(string(o.Evidence[0].Received), "SHA-256") {
		t.Errorf("the evidence proves nothing: %s", o.Evidence[0].Received)
	}
}

// The evidence shows also what an answer was held against.
func TestControlsAreKept(t *testing.T) {
	c := jobs.Answer{Answers: 1, Statuses: []int{403}, Request: []byte("GET /x"), Response: []byte("HTTP/1.1 403 Forbidden\r\n\r\n")}
	o := runTemplate(t, &scripted{answer: jobs.Answer{Answers: 1, Statuses: []int{403}}, control: c}, &templates.Template{ID: "x", Protocols: []string{"http"}}, nil)
	if o.Unknown == nil || len(o.Evidence) == 0 || !strings.HasPrefix(string(o.Evidence[len(o.Evidence)-1].Received), "HTTP/1.1 403") {
		t.Errorf("%+v", o)
	}
}

// A control by POST that has no answer leaves its reason.
func TestControlByPostWithoutAnswer(t *testing.T) {
	e := &scripted{answer: jobs.Answer{Answers: 1, Statuses: []int{403}}, control: jobs.Answer{Answers: 1, Statuses: []int{404}}, post: &jobs.Answer{Cause: "reset", Detail: "x"}}
	o := runTemplate(t, e, &templates.Template{ID: "x", Protocols: []string{"http"}, Data: []byte("method: POST")}, nil)
	if o.Unknown == nil || o.Unknown.Cause != fact.Reset {
		t.Errorf("%+v", o.Unknown)
	}
}

// Nor by what somebody gets in.
func TestCredentialsThatWorkAreNotKept(t *testing.T) {
	a := jobs.Answer{Found: true, At: "https://127.0.0.1/login?u=admin&p=hunter2", Answers: 1, Response: []byte("HTTP/1.1 200 OK\r\n\r\nwelcome"),
		Request: []byte("POST /login?u=admin&p=hunter2 HTTP/1.1\r\nHost: x\r\nAuthorization: Basic hunter2\r\nCookie: s=hunter2\r\nAccept: */*\r\n\r\npass=hunter2")}
	o := runTemplate(t, &scripted{answer: a}, &templates.Template{ID: "x", Protocols: []string{"http"}, Classes: []string{templates.DefaultLogin}}, nil)
	all, err := json.Marshal(o)
	if err != nil {
		t.Fatal(err)
	}
	if kept := string(all) + string(o.Evidence[0].Sent); strings.Contains(kept, "hunter2") || !strings.Contains(kept, "POST /login") || !strings.Contains(kept, "Accept: */*") {
		t.Errorf("the record keeps: %s", kept)
	}
}

// A file that has not the form that a template knows may hold secrets as well.
func TestFilesNotFoundAreNotKept(t *testing.T) {
	for body, kept := range map[string]bool{"password: hunter2": false, "<html>hunter2</html>": true} {
		a := jobs.Answer{Requests: 1, Answers: 1, Statuses: []int{200}, Response: []byte("HTTP/1.1 200 OK\r\n\r\n" + body)}
		o := runTemplate(t, &scripted{answer: a, control: jobs.Answer{Answers: 1, Statuses: []int{404}}}, &templates.Template{ID: "x", Protocols: []string{"http"}, Tags: []string{"exposure"}}, nil)
		if o.Unknown != nil || strings.Contains(string(o.Value)+string(o.Evidence[0].Received), "hunter2") != kept {
			t.Errorf("%s: %v %s", body, o.Unknown, o.Value)
		}
	}
}

func TestSets(t *testing.T) {
	member := func(id, severity string) *Check {
		return FromTemplate("template:"+id, &templates.Template{ID: id, Name: id, Severity: severity, Protocols: []string{"http"}})
	}
	high, low, odd := member("high", "high"), member("low", "low"), member("odd", "unknown")
	foreign := FromTemplate("template:ssl", &templates.Template{ID: "ssl", Protocols: []string{"dns"}})
	is := func(c *Check, found bool) fact.Observation {
		v, _ := json.Marshal(Match{Found: found, Extracted: []string{}})
		return fact.Observation{Check: c.ID, Value: v}
	}
	gap := func(c *Check) fact.Observation {
		return fact.Observation{Check: c.ID, Unknown: fact.Because(fact.Timeout, "x")}
	}
	see := func(refused []Refused, obs ...fact.Observation) Findings {
		t.Helper()
		seen := map[string]fact.Observation{}
		for _, o := range obs {
			seen[o.Check] = o
		}
		set := NewSet("templates.given", []*Check{high, low, odd, foreign}, refused)
		o := set.Observe(t.Context(), NewProbe(Settings{Now: time.Now, Log: zerolog.Nop()}, web, seen))
		var f Findings
		if o.Unknown != nil || json.Unmarshal(o.Value, &f) != nil {
			t.Fatalf("%+v", o)
		}
		return f
	}
	none := func(m fact.Maybe[[]Finding]) bool { l, u := m.Get(); return u == nil && len(l) == 0 }
	some := func(m fact.Maybe[[]Finding]) bool { l, u := m.Get(); return u == nil && len(l) > 0 }
	unknown := func(m fact.Maybe[[]Finding]) bool { _, u := m.Get(); return u != nil }

	f := see(nil, is(high, false), is(low, false), is(odd, false))
	if !none(f.Found) || !none(f.High) || !none(f.Critical) || f.Templates != 3 || f.Answered != 3 {
		t.Errorf("nothing found: %+v", f)
	}
	f = see(nil, is(high, false), gap(low), is(odd, false))
	if !unknown(f.Found) || !none(f.High) || !unknown(f.Low) || !slices.Equal(f.Unanswered, []string{"template:low"}) {
		t.Errorf("a gap among the low: %+v", f)
	}
	f = see(nil, is(high, true), gap(low), is(odd, false))
	if !some(f.Found) || !some(f.High) || !none(f.Critical) || !unknown(f.Low) {
		t.Errorf("found beside a gap: %+v", f)
	}
	f = see(nil, is(high, false), is(low, false), is(odd, true))
	if !some(f.Critical) {
		t.Errorf("a severity that is not said counts as the gravest: %+v", f)
	}
	f = see(nil, is(high, false), is(low, false))
	if !unknown(f.Found) || !unknown(f.Critical) {
		t.Errorf("one was never looked at: %+v", f)
	}
	hides := fact.Observation{Check: high.ID, Unknown: fact.Because(fact.Unanswered, hidesVersion)}
	f = see(nil, hides, is(low, false), is(odd, false))
	if !unknown(f.Found) || !unknown(f.High) || !none(f.Shown) || !slices.Equal(f.Hidden, []string{"template:high"}) || len(f.Unanswered) > 0 {
		t.Errorf("a product hides its version: %+v", f)
	}
	f = see(nil, hides, gap(low), is(odd, false))
	if !unknown(f.Shown) {
		t.Errorf("one hides its version, one gave no answer: %+v", f)
	}
	f = see([]Refused{{ID: "bad", Severity: "low"}}, is(high, false), is(low, false), is(odd, false))
	if !unknown(f.Found) || !unknown(f.Low) || !none(f.High) || f.Refused != 1 {
		t.Errorf("one is refused: %+v", f)
	}
	f = see([]Refused{{ID: "unreadable"}}, is(high, false), is(low, false), is(odd, false))
	if !unknown(f.High) || !unknown(f.Critical) || !unknown(f.Medium) {
		t.Errorf("one cannot be read: %+v", f)
	}
}

// A scan without --templates knows nothing of the templates given.
func TestNoTemplatesGiven(t *testing.T) {
	o := TemplatesGiven.Observe(t.Context(), NewProbe(Settings{Now: time.Now, Log: zerolog.Nop()}, web, nil))
	if o.Unknown == nil || o.Unknown.Cause != fact.Skipped || !TemplatesGiven.AppliesTo(web) {
		t.Errorf("%+v", o)
	}
}
