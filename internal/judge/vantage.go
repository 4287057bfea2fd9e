package judge

import (
	"cmp"
	"slices"
	"strings"

	"github.com/sansang/sansang/internal/fact"
	"github.com/sansang/sansang/internal/inventory"
	"github.com/sansang/sansang/internal/lang"
)

// Vantage is a place from which the unit was looked at. Zone is empty where it
// was not said; nothing may then be concluded from where it stood.
type Vantage struct {
	Name string
	Zone inventory.Zone
	Plan map[Look]bool // what was to be looked at from there; nil: everything
	Told bool          // by other tools: nobody of ours looked from there
}

// Look is one check of one endpoint.
type Look struct{ Endpoint, Check string }

// standing is what a vantage has to do with a rule about an endpoint. It is
// told by the unit file, the policy and the plan, and never by what was seen:
// else hiding a fact could take the vantage away, and flip a verdict.
type standing int

const (
	aside    standing = iota // what is seen from there does not count
	counts                   // it does
	mayCount                 // it did not say where it stood
)

// standings tells what each vantage has to do with a rule about a subject.
// Those that were not to look at it are left out. A rule that says from asks
// those zones alone. Any other asks every vantage from which the endpoint is
// meant to be reached, that is its own zone and those further in; if nobody
// looked from there, what there is must do.
//
// What other tools told stands in for a look of ours and never beside one: it
// counts where none of our own vantages was to look, and else is a remark.
func (c *Case) standings(ru *rule, s subject) map[int]standing {
	out := map[int]standing{}
	own := false
	for _, i := range c.looked(s.endpoint.ID, ru.checks) {
		z := c.vantages[i].Zone
		switch {
		case z == "":
			out[i] = mayCount
		case len(ru.from) > 0 && !slices.Contains(ru.from, z):
			continue
		case len(ru.from) > 0 || z.Within(s.endpoint.Zone):
			out[i] = counts
		default:
			out[i] = aside
		}
		own = own || !c.vantages[i].Told
	}
	remark := func(i int) bool { return own && c.vantages[i].Told }
	any := false
	for i := range out {
		any = any || out[i] != aside && !remark(i)
	}
	for i := range out {
		switch {
		case remark(i):
			out[i] = aside
		case !any:
			out[i] = counts
		}
	}
	return out
}

// looked lists the vantages from which any of the checks was to be made of an
// endpoint; all of them if it was from none.
func (c *Case) looked(endpoint string, checks []string) []int {
	var all, some []int
	for i, v := range c.vantages {
		all = append(all, i)
		if v.Plan == nil || slices.ContainsFunc(checks, func(id string) bool { return v.Plan[Look{endpoint, id}] }) {
			some = append(some, i)
		}
	}
	if len(some) == 0 {
		return all
	}
	return some
}

// answer is what a rule comes to by what was seen from one vantage.
type answer struct {
	zone inventory.Zone
	told string // by which tool, of what only another tool told
	standing
	verdict  Verdict
	saw      []Saw
	missing  []Missing
	warnings []lang.Text
}

// together puts the answers of the vantages into the finding: a fail seen from
// any that counts is one, and a pass needs to be seen from every one of them.
// One that did not say where it stood may or may not count, so the answer must
// be the same both ways.
func (f *Finding) together(as []answer, zone inventory.Zone) {
	sure := some(as, func(a answer) bool { return a.standing == counts })
	asked := some(as, func(a answer) bool { return a.standing != aside })
	failed := some(sure, func(a answer) bool { return a.verdict == Fail })
	unsure := some(asked, func(a answer) bool { return a.verdict != Pass })
	if len(sure) == 0 { // if none of the others counts either, all there is must do
		unsure = some(as, func(a answer) bool { return a.verdict != Pass })
		if failed = asked; slices.ContainsFunc(asked, func(a answer) bool { return a.verdict != Fail }) {
			failed = nil
		}
	}
	switch {
	case len(failed) > 0:
		f.Verdict = Fail
		f.show(failed...)
	case len(unsure) == 0:
		f.Verdict = Pass
		f.show(asked...)
	default:
		f.undecided(unsure, zone)
	}
	for _, a := range asked {
		for _, w := range a.warnings {
			f.warn(w)
		}
	}
	for _, a := range as {
		switch {
		case a.standing != aside || a.verdict != Fail || f.Verdict == Fail:
		case a.told != "":
			f.warn(lang.Tf("theo %[1]s thì không đạt; không tính, vì đã có kết quả rà quét của chính công cụ này: nên quét lại để biết bên nào đúng",
				"by %[1]s this is not met; it does not count, since this tool looked itself: scan again to learn who is right", a.told))
		default:
			f.warn(lang.Tf("nhìn từ %[1]s thì không đạt; không tính, vì điểm kết nối khai cho %[3]s", "seen from %[2]s this is not met; it does not count, since the endpoint is meant for %[4]s",
				a.zone.Text().Vi, a.zone.Text().En, zone.Text().Vi, zone.Text().En))
		}
	}
}

// undecided tells the most telling of the answers that keep the verdict open:
// what was not seen before what is not attested, and the view from the
// endpoint's own zone before others.
func (f *Finding) undecided(as []answer, zone inventory.Zone) {
	telling := func(a answer) int {
		n := 0
		if a.verdict == Manual {
			n += 2
		}
		if a.zone != zone {
			n++
		}
		return n
	}
	best := slices.MinFunc(as, func(a, b answer) int { return cmp.Compare(telling(a), telling(b)) })
	f.show(best)
	if f.Verdict = best.verdict; f.Verdict != Manual {
		f.Verdict = Inconclusive
	}
	if len(f.Missing) == 0 { // it would be decided if only it were known where this one stood
		f.Missing = []Missing{whence()}
	}
}

func (f *Finding) show(as ...answer) {
	for _, a := range as {
		f.Saw = append(f.Saw, a.saw...)
		f.Missing = append(f.Missing, a.missing...)
	}
}

func (f *Finding) warn(w lang.Text) {
	if !slices.Contains(f.Warnings, w) {
		f.Warnings = append(f.Warnings, w)
	}
}

func some(as []answer, is func(answer) bool) []answer {
	return slices.DeleteFunc(slices.Clone(as), func(a answer) bool { return !is(a) })
}

func notSaid() *fact.Unknown {
	return fact.Because(fact.Skipped, "the scan did not say where it looked from")
}

// whence asks where a scan looked from.
func whence() Missing {
	u := notSaid()
	return Missing{Path: varVantage + ".zone", Label: vantageLabel, Cause: u.Cause, Detail: u.Detail}
}

var vantageLabel = lang.T("vùng mạng nơi đặt máy quét (chọn bằng --vantage)", "the zone that the scan looked from (say it with --vantage)")

// elsewhere says that nobody looked from the zones that a rule asks for.
func elsewhere(from []inventory.Zone) *fact.Unknown {
	var names, flags []string
	for _, z := range from {
		names, flags = append(names, z.Text().En), append(flags, "--vantage "+string(z))
	}
	return fact.Because(fact.Elsewhere, "not looked at from "+strings.Join(names, " or ")+": scan from there with "+
		strings.Join(flags, " or ")+" and join the records with sansang merge")
}
