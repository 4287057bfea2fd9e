package foreign

import (
	"encoding/xml"
	"errors"
	"io"
	"net/netip"
	"slices"
	"strconv"
	"strings"

	"github.com/sansang/sansang/checks"
	"github.com/sansang/sansang/internal/fact"
	"github.com/sansang/sansang/internal/inventory"
)

// A TestResult of XCCDF 1.2 (NISTIR 7275 Rev. 4 §6.6) says how one machine
// compares with a benchmark. It stands alone, in its Benchmark, or in an ARF
// among the reports of OpenSCAP; each one in the file is read.
type xccdfResult struct {
	ID        string `xml:"id,attr"`
	Start     string `xml:"start-time,attr"`
	End       string `xml:"end-time,attr"`
	System    string `xml:"test-system,attr"`
	Benchmark struct {
		ID   string `xml:"id,attr"`
		Href string `xml:"href,attr"`
	} `xml:"benchmark"`
	Profile struct {
		ID string `xml:"idref,attr"`
	} `xml:"profile"`
	Targets   []string `xml:"target"`
	Addresses []string `xml:"target-address"`
	Facts     []struct {
		Name  string `xml:"name,attr"`
		Value string `xml:",chardata"`
	} `xml:"target-facts>fact"`
	Rules []struct {
		ID       string `xml:"idref,attr"`
		Severity string `xml:"severity,attr"`
		Result   string `xml:"result"`
	} `xml:"rule-result"`
	Scores []struct {
		System string `xml:"system,attr"`
		Value  string `xml:",chardata"`
	} `xml:"score"`
}

func readXCCDF(data []byte) (*Result, error) {
	b, d := newXML(data)
	r := &Result{Tool: "XCCDF"}
	benchmark := ""
	for {
		t, err := d.Token()
		if errors.Is(err, io.EOF) {
			return r, nil
		}
		if err != nil {
			return nil, b.flaw(err)
		}
		e, ok := t.(xml.StartElement)
		if !ok || !strings.HasPrefix(e.Name.Space, xccdfSpace) {
			continue
		}
		if e.Name.Local == "Benchmark" {
			benchmark = attr(e, "id")
		}
		if e.Name.Local != "TestResult" {
			continue
		}
		var x xccdfResult
		if err := d.DecodeElement(&x, &e); err != nil {
			return nil, b.flaw(err)
		}
		if x.Benchmark.ID == "" {
			x.Benchmark.ID = benchmark
		}
		if len(r.Told) >= maxResults || len(x.Rules) > 10*maxResults {
			return nil, b.at(wrongf("có quá nhiều kết quả", "there are too many results"))
		}
		r.test(x)
	}
}

func attr(e xml.StartElement, name string) string {
	for _, a := range e.Attr {
		if a.Name.Local == name {
			return a.Value
		}
	}
	return ""
}

func (r *Result) test(x xccdfResult) {
	t := Target{Names: x.names()}
	if len(t.Names) == 0 || len(x.Rules) == 0 {
		r.Left = addLeft(r.Left, leftUntold("TestResult "+short(x.ID)))
		return
	}
	if tool, version, ok := testSystem(x.System); ok {
		r.Tool, r.Version = tool, version
	}
	at := moment(x.End, inventory.Vietnam) // without a zone it is the machine's own time
	if at.IsZero() {
		at = moment(x.Start, inventory.Vietnam)
	}
	if at.After(r.Produced) {
		r.Produced = at
	}
	r.Told = append(r.Told, Told{Target: t, At: at, Check: checks.HostBaseline.ID, Fields: x.fields()})
}

// names are what the machine is called. Every machine calls itself localhost, so
// that tells nothing where it has another name.
func (x *xccdfResult) names() []string {
	all := names(slices.Concat(x.Targets, x.Addresses)...)
	for _, f := range x.Facts {
		if f.Name == "urn:xccdf:fact:asset:identifier:fqdn" || f.Name == "urn:xccdf:fact:asset:identifier:host_name" {
			all = names(append(all, f.Value)...)
		}
	}
	far := slices.DeleteFunc(slices.Clone(all), func(n string) bool {
		a, err := netip.ParseAddr(n)
		return err == nil && (a.IsLoopback() || a.IsLinkLocalUnicast() || a.IsUnspecified()) || strings.HasPrefix(strings.ToLower(n), "localhost")
	})
	if len(far) > 0 {
		return far
	}
	return all
}

// testSystem reads the name of the tool: cpe:/a:redhat:openscap:1.3.6.
func testSystem(cpe string) (tool, version string, ok bool) {
	part := strings.Split(strings.TrimPrefix(cpe, "cpe:/"), ":")
	if len(part) < 4 || part[0] != "a" {
		return "", "", false
	}
	if tool = short(part[2]); tool == "openscap" {
		tool = "OpenSCAP"
	}
	return tool, short(part[3]), tool != ""
}

// fields counts the rules by result and names those that failed.
func (x *xccdfResult) fields() map[string]any {
	n := map[string]int{}
	failed, high := []checks.BaselineRule{}, []checks.BaselineRule{}
	var open, openHigh *fact.Unknown
	for _, rule := range x.Rules {
		result := strings.TrimSpace(rule.Result)
		severity := strings.ToLower(strings.TrimSpace(rule.Severity))
		grave := !slices.Contains([]string{"info", "low", "medium"}, severity)
		if grave {
			severity = "high"
		}
		switch result {
		case "pass", "fixed", "notapplicable", "notselected", "informational":
		case "fail":
			one := checks.BaselineRule{ID: short(rule.ID), Severity: severity}
			if failed = append(failed, one); grave {
				high = append(high, one)
			}
		default:
			if result != "error" && result != "notchecked" {
				result = "unknown"
			}
			u := indefinite(cmpTool(x.System), short(rule.ID)+": "+result)
			if open == nil {
				open = u
			}
			if grave && openHigh == nil {
				openHigh = u
			}
		}
		n[result]++
	}
	if n["pass"]+n["fixed"]+n["fail"] == 0 && open == nil { // that nothing failed where nothing was measured says nothing
		open = indefinite(cmpTool(x.System), "no rule was measured")
	}
	if n["pass"]+n["fixed"]+n["fail"] == 0 && openHigh == nil {
		openHigh = open
	}
	out := map[string]any{
		"benchmark": short(x.Benchmark.ID), "profile": short(x.Profile.ID), "pass": n["pass"], "fixed": n["fixed"], "fail": n["fail"], "error": n["error"],
		"unknown_rules": n["unknown"], "not_checked": n["notchecked"], "not_applicable": n["notapplicable"],
		"failed": told(failed, open), "failed_high": told(high, openHigh),
	}
	if score, ok := x.score(); ok {
		out["score"] = score
	}
	return out
}

func cmpTool(system string) string {
	if tool, _, ok := testSystem(system); ok {
		return tool
	}
	return "XCCDF"
}

// told is a list that is whole, or has something in it; else it is open.
func told(list []checks.BaselineRule, open *fact.Unknown) any {
	if len(list) == 0 && open != nil {
		return open
	}
	return list
}

func (x *xccdfResult) score() (float64, bool) {
	for _, s := range x.Scores {
		if v, err := strconv.ParseFloat(strings.TrimSpace(s.Value), 64); err == nil && v >= 0 && v <= 1e9 && (s.System == "" || strings.HasSuffix(s.System, ":default")) {
			return v, true
		}
	}
	return 0, false
}
