package report

import (
	"bytes"
	"embed"
	"html/template"
	"slices"
	"sync"

	"github.com/sansang/sansang/internal/inventory"
	"github.com/sansang/sansang/internal/judge"
	"github.com/sansang/sansang/internal/lang"
)

//go:embed page/*.tmpl
var templates embed.FS

//go:embed page/style.css
var stylesheet string

// page is parsed once, when the first report wants it, with the functions of no
// language; each report gets its own copy with those of the reader's.
var page = sync.OnceValue(func() *template.Template {
	return template.Must(template.New("page.tmpl").Funcs(functions(view{})).ParseFS(templates, "page/*.tmpl"))
})

// maxEndpoints bounds the table of endpoints.
const maxEndpoints = 200

// htmlPage is what the templates are filled with.
type htmlPage struct {
	Lang        lang.Lang
	Judged      judge.Report
	Counts      []count
	Fixes       []item
	Supplies    []supply
	Waiting     int // requirements that something is to be supplied for
	Recommended []item
	Warnings    []warning
	Dates       []keyDate
	Families    []htmlFamily
	Total       familyRow
	Waivers     []waiver
	Unjudged    []unjudged
	Origin      []row
	Endpoints   []inventory.Endpoint
	MoreOfThem  string // endpoints that found no room
	Hashes      []hash
	Peers       []string
	Papers      []paper
	Exhibits    []exhibit
	Beyond      int // exhibits that found no room
}

// htmlFamily is a family of requirements with each of its requirements in full.
type htmlFamily struct {
	familyRow
	Articles []article
}

// article is a requirement in full.
type article struct {
	judge.Result
	Groups  []group
	Outside int    // places that it does not concern
	Told    string // where its fix is told already: "fix", "remark" or nowhere
}

// group is findings that tell the same, with the evidence that they rest on.
type group struct {
	alike
	Exhibits []int
}

func renderHTML(d Document, o Options) ([]byte, error) {
	v := newView(d, o.Lang)
	p := htmlPage{Lang: o.Lang, Judged: d.Judged, Counts: v.counts(), Fixes: v.fixes(), Supplies: v.supplies(),
		Waiting: len(v.SupplyFirst()), Recommended: v.recommended(), Warnings: v.warnings(), Waivers: v.waivers(),
		Unjudged: v.unjudged(), Origin: v.origin(), Hashes: v.hashes(), Total: familyRow{N: map[judge.Verdict]int{}}}
	for _, peer := range peers(d.Assessment) {
		p.Peers = append(p.Peers, outside(peer, 60))
	}
	p.Dates = v.keyDates()
	p.Endpoints = d.Assessment.Header.Unit.Endpoints
	if n := len(p.Endpoints); n > maxEndpoints {
		p.Endpoints, p.MoreOfThem = p.Endpoints[:maxEndpoints], more(n-maxEndpoints)
	}
	x := newExhibits(d.Assessment.Observations)
	for _, r := range v.familyRows() {
		f := htmlFamily{familyRow: r}
		for _, res := range r.results {
			f.Articles = append(f.Articles, v.article(res, x))
			p.Total.N[res.Verdict]++
		}
		p.Total.Judged += r.Judged
		p.Total.NotJudged += r.NotJudged
		p.Families = append(p.Families, f)
	}
	p.Papers, p.Exhibits, p.Beyond = v.papers(), x.list, x.beyond

	own, err := page().Clone()
	if err != nil {
		return nil, err
	}
	var b bytes.Buffer
	if err := own.Funcs(functions(v)).Execute(&b, p); err != nil {
		return nil, err
	}
	return b.Bytes(), nil
}

func (v view) article(res judge.Result, x *exhibits) article {
	a := article{Result: res}
	if res.Verdict == judge.Fail {
		a.Told = "remark"
		if res.Decides {
			a.Told = "fix"
		}
	}
	for _, al := range v.told[res.ID] {
		g := group{alike: al}
		if al.Verdict == judge.Fail || al.Verdict == judge.Inconclusive {
			for _, f := range al.findings[:min(len(al.findings), maxPerGroup)] {
				g.Exhibits = append(g.Exhibits, x.of(res.ID, v.place(f), f)...)
			}
			slices.Sort(g.Exhibits)
			g.Exhibits = slices.Compact(g.Exhibits) // two rules may rest on one exchange
		}
		a.Groups = append(a.Groups, g)
	}
	if res.Verdict != judge.NotApplicable {
		a.Outside = res.Places(judge.NotApplicable)
	}
	return a
}
