package mailauth

import (
	"context"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/net/publicsuffix"
)

// DMARC is what a domain asks receivers to do with mail that fails (RFC 7489;
// RFC 9989 after it).
type DMARC struct {
	At         string   // the domain whose record counts: itself, or its organisational domain
	Records    int      // there; more than one count as none (RFC 7489 §6.6.3)
	Record     string   // the one
	Policy     string   // for this domain: none, quarantine, reject; "": no record that can be used
	Subdomains string   // for names below it
	Percent    int      // pct; 100 when left out
	Testing    bool     // t=y (RFC 9989)
	Aggregate  []string // rua
	Failure    []string // ruf
	Refused    []string // addresses of other organisations that do not say that they take the reports
	Problems   []string // in English
}

// Organisation gives the organisational domain: one label below the public
// suffix, as gov.vn is one. Empty: the name is a public suffix itself.
func Organisation(domain string) string {
	org, err := publicsuffix.EffectiveTLDPlusOne(strings.ToLower(domain))
	if err != nil {
		return ""
	}
	return org
}

// ReadDMARC looks for the record at the domain, then at its organisation.
func ReadDMARC(ctx context.Context, dns Resolver, domain string) (DMARC, error) {
	d := DMARC{At: domain, Percent: 100, Aggregate: []string{}, Failure: []string{}, Refused: []string{}, Problems: []string{}}
	records, err := dmarcAt(ctx, dns, domain)
	if err != nil {
		return d, err
	}
	if org := Organisation(domain); len(records) == 0 && org != "" && !strings.EqualFold(org, domain) {
		if records, err = dmarcAt(ctx, dns, org); err != nil {
			return d, err
		}
		if len(records) > 0 {
			d.At = org
		}
	}
	if d.Records = len(records); d.Records != 1 {
		return d, nil
	}
	d.parse(records[0])
	if d.At != domain {
		d.Policy = d.Subdomains
	}
	for _, to := range slices.Concat(d.Aggregate, d.Failure) {
		takes, err := accepts(ctx, dns, d.At, to)
		if err != nil {
			return d, err
		}
		if !takes && !slices.Contains(d.Refused, to) {
			d.Refused = append(d.Refused, to)
		}
	}
	return d, nil
}

func dmarcAt(ctx context.Context, dns Resolver, domain string) ([]string, error) {
	records, err := dns.TXT(ctx, below("_dmarc", domain))
	return begins(records, "DMARC1"), err
}

const mostReports = 8

func (d *DMARC) problem(p string) {
	if len(d.Problems) < mostProblems {
		d.Problems = append(d.Problems, p)
	}
}

// parse reads the tags of RFC 7489 §6.3. A policy that cannot be read counts as
// none where there is somebody to tell, and otherwise voids the record (§6.6.3).
func (d *DMARC) parse(record string) {
	d.Record = record
	tags, ok := tagList(record)
	if !ok {
		d.problem("a part is not name=value, or stands twice")
	}
	var p, sp string
	for _, t := range tags {
		value := strings.ToLower(t.value)
		switch strings.ToLower(t.name) {
		case "p":
			p = d.policy("p", value)
		case "sp":
			sp = d.policy("sp", value)
		case "pct":
			if n, err := strconv.Atoi(value); err == nil && n >= 0 && n <= 100 {
				d.Percent = n
			} else {
				d.problem("pct is no number from 0 to 100")
			}
		case "t":
			d.Testing = value == "y"
		case "rua":
			d.Aggregate = d.addresses(t.value)
		case "ruf":
			d.Failure = d.addresses(t.value)
		}
	}
	if p == "" {
		if d.problem("there is no policy that can be read (p=)"); len(d.Aggregate) == 0 {
			return
		}
		p = "none"
	}
	if sp == "" {
		sp = p
	}
	d.Policy, d.Subdomains = p, sp
}

func (d *DMARC) policy(tag, value string) string {
	if slices.Contains([]string{"none", "quarantine", "reject"}, value) {
		return value
	}
	d.problem(tag + " is neither none nor quarantine nor reject")
	return ""
}

// addresses reads "mailto:a@b!10m,mailto:c@d" and gives a@b and c@d.
func (d *DMARC) addresses(list string) []string {
	out := []string{}
	for uri := range strings.SplitSeq(list, ",") {
		uri = strings.TrimSpace(uri)
		address, _, _ := strings.Cut(uri, "!")
		if len(address) < 7 || !strings.EqualFold(address[:7], "mailto:") || host(address) == "" || len(out) == mostReports {
			d.problem("a report address is not mailto:name@domain")
			continue
		}
		out = append(out, address[7:])
	}
	return out
}

// host is the domain of an address, if it can be asked for.
func host(address string) string {
	at := strings.LastIndexByte(address, '@')
	if at < 1 || !plainName(address[at+1:]) {
		return ""
	}
	return strings.ToLower(address[at+1:])
}

// accepts tells whether reports about a domain may go to an address: one of
// the same organisation, or of one that says so (RFC 7489 §7.1).
func accepts(ctx context.Context, dns Resolver, domain, address string) (bool, error) {
	to := host(address)
	if Organisation(to) == Organisation(domain) && Organisation(to) != "" || strings.EqualFold(to, domain) {
		return true, nil
	}
	name := domain + "._report._dmarc." + to
	if !plainName(name) {
		return false, nil
	}
	records, err := dns.TXT(ctx, name)
	return len(begins(records, "DMARC1")) > 0, err
}
