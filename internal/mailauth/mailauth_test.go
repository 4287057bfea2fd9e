package mailauth

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"strings"
	"testing"
)

// zone answers from memory: "TXT name", "A name" and so on.
type zone map[string][]string

func (z zone) TXT(_ context.Context, name string) ([]string, error) {
	return z["TXT "+strings.ToLower(name)], nil
}

func (z zone) Count(_ context.Context, name, kind string) (int, error) {
	return len(z[kind+" "+strings.ToLower(name)]), nil
}

func TestSPF(t *testing.T) {
	around := zone{
		"TXT all.vn": {"v=spf1 +all"}, "TXT ok.vn": {"v=spf1 ip4:192.0.2.0/24 -all"}, "TXT soft.vn": {"v=spf1 a ~all"}, "A soft.vn": {"192.0.2.1"},
		"TXT loop.vn": {"v=spf1 include:xa.vn -all"}, "TXT two.vn": {"v=spf1 -all", "v=spf1 ~all"}, "TXT none.vn": {"hello"},
		"A here.vn": {"127.0.0.2"}, "MX xa.vn": {"mx"},
	}
	chain := strings.Builder{}
	for i := range 11 {
		fmt.Fprintf(&chain, " include:ok%d.vn", i)
		around[fmt.Sprintf("TXT ok%d.vn", i)] = []string{"v=spf1 ip6:2001:db8::/32 -all"}
	}
	for _, c := range []struct {
		records  []string
		all      string
		anybody  bool
		lookups  int
		voids    int
		problems int
		open     int
	}{
		{[]string{"v=spf1 mx include:ok.vn -all"}, "-", false, 2, 0, 0, 0},
		{[]string{"google-site=1", "V=SPF1 ~all"}, "~", false, 0, 0, 0, 0},
		{[]string{"v=spf1 redirect=ok.vn"}, "-", false, 1, 0, 0, 0},
		{[]string{"v=spf1 redirect=all.vn"}, "+", true, 1, 0, 0, 0},
		{[]string{"v=spf1 include:all.vn -all"}, "-", true, 1, 0, 0, 0},
		{[]string{"v=spf1 -include:all.vn -all"}, "-", false, 1, 0, 0, 0},
		{[]string{"v=spf1 ip4:0.0.0.0/0 -all"}, "-", true, 0, 0, 0, 0},
		{[]string{"v=spf1 a:here.vn/0 -all"}, "-", true, 1, 0, 0, 0},
		{[]string{"v=spf1 exists:here.vn -all"}, "-", true, 1, 0, 0, 0},
		{[]string{"v=spf1 exists:%{ir}.list.%{d} -all"}, "-", false, 1, 0, 0, 0},
		{[]string{"v=spf1 all include:ok.vn"}, "+", true, 0, 0, 0, 0},
		{[]string{"v=spf1 a mx:no.vn exists:no.vn -all"}, "-", false, 3, 3, 0, 0},
		{[]string{"v=spf1 include:gone.vn -all"}, "-", false, 1, 1, 1, 0},
		{[]string{"v=spf1 include:none.vn -all"}, "-", false, 1, 0, 1, 0},
		{[]string{"v=spf1 include:two.vn -all"}, "-", false, 1, 0, 1, 0},
		{[]string{"v=spf1 include:loop.vn -all"}, "-", false, 2, 0, 1, 0},
		{[]string{"v=spf1" + chain.String() + " -all"}, "-", false, 11, 0, 0, 0},
		{[]string{"v=spf1 include:%{i}.vn -all"}, "-", false, 1, 0, 0, 1},
		{[]string{"v=spf1 include:%{q} -all"}, "-", false, 0, 0, 1, 0},
		{[]string{"v=spf1 ipv4:192.0.2.1 -all"}, "-", false, 0, 0, 1, 0},
		{[]string{"v=spf1 ip4:192.0.2.300 ip6:192.0.2.1 a/33 mx//129 include: -all x"}, "-", false, 0, 0, 6, 0},
		{[]string{"v=spf1 redirect=ok.vn redirect=ok.vn"}, "-", false, 1, 0, 1, 0},
		{[]string{"v=spf1 unknown=1 exp=e.%{d} ?all"}, "?", false, 0, 0, 0, 0},
		{[]string{"v=spf1 a:soft.vn/24//64 ptr"}, "", false, 2, 0, 0, 0},
	} {
		around["TXT xa.vn"] = c.records
		s, err := ReadSPF(t.Context(), around, "xa.vn")
		if err != nil || s.Records != 1 || s.All != c.all || s.Anybody != c.anybody || s.Lookups != c.lookups || s.Voids != c.voids || len(s.Problems) != c.problems || len(s.Open) != c.open {
			t.Errorf("%q: %+v, %v", c.records, s, err)
		}
	}
	around["TXT xa.vn"] = []string{"v=spf1 -all", "v=spf1 -all", "v=spf10 -all"}
	if s, _ := ReadSPF(t.Context(), around, "xa.vn"); s.Records != 2 || s.Record != "" {
		t.Errorf("%+v", s)
	}
}

// A record that includes two that include two and so on is left in time.
func TestSPFBomb(t *testing.T) {
	z := zone{}
	for i := range 30 {
		z[fmt.Sprintf("TXT n%d.vn", i)] = []string{fmt.Sprintf("v=spf1 include:n%d.vn include:n%d.vn -all", i+1, i+1)}
	}
	if s, err := ReadSPF(t.Context(), z, "n0.vn"); err != nil || s.Lookups <= MostSPFLookups || s.Lookups > 2*countUpTo {
		t.Errorf("%+v, %v", s, err)
	}
}

type broken struct{ zone }

var errDown = errors.New("down")

func (b broken) TXT(ctx context.Context, name string) ([]string, error) {
	if strings.HasPrefix(name, "bad") || strings.Contains(name, "_dmarc.bad") {
		return nil, errDown
	}
	return b.zone.TXT(ctx, name)
}

func TestErrorsOfAskingAreKept(t *testing.T) {
	b := broken{zone{"TXT xa.vn": {"v=spf1 include:bad.vn -all"}}}
	if _, err := ReadSPF(t.Context(), b, "xa.vn"); !errors.Is(err, errDown) {
		t.Errorf("SPF: %v", err)
	}
	if _, err := ReadDMARC(t.Context(), b, "bad.vn"); !errors.Is(err, errDown) {
		t.Errorf("DMARC: %v", err)
	}
}

func TestDMARC(t *testing.T) {
	for _, c := range []struct {
		zone             zone
		at, policy       string
		records, percent int
		refused          []string
		problems         int
	}{
		{zone{"TXT _dmarc.so.tinh.gov.vn": {"v=DMARC1; p=reject; rua=mailto:a@tinh.gov.vn"}}, "so.tinh.gov.vn", "reject", 1, 100, []string{}, 0},
		{zone{"TXT _dmarc.tinh.gov.vn": {"v=DMARC1; p=reject; sp=quarantine; pct=50"}}, "tinh.gov.vn", "quarantine", 1, 50, []string{}, 0},
		{zone{"TXT _dmarc.gov.vn": {"v=DMARC1; p=reject"}}, "so.tinh.gov.vn", "", 0, 100, []string{}, 0}, // a public suffix
		{zone{"TXT _dmarc.so.tinh.gov.vn": {"v=DMARC1;p=none", "v=DMARC1;p=reject"}}, "so.tinh.gov.vn", "", 2, 100, []string{}, 0},
		{zone{"TXT _dmarc.so.tinh.gov.vn": {"v=DMARC1; rua=mailto:a@tinh.gov.vn!10m"}}, "so.tinh.gov.vn", "none", 1, 100, []string{}, 1},
		{zone{"TXT _dmarc.so.tinh.gov.vn": {"v=DMARC1; p=deny"}}, "so.tinh.gov.vn", "", 1, 100, []string{}, 2},
		{zone{"TXT _dmarc.so.tinh.gov.vn": {"v=DMARC10; p=reject"}}, "so.tinh.gov.vn", "", 0, 100, []string{}, 0},
		{zone{"TXT _dmarc.so.tinh.gov.vn": {"v=dmarc1; p=reject"}}, "so.tinh.gov.vn", "", 0, 100, []string{}, 0},
		{zone{"TXT _dmarc.so.tinh.gov.vn": {"v = DMARC1 ;p=reject"}}, "so.tinh.gov.vn", "reject", 1, 100, []string{}, 0},
		{zone{"TXT _dmarc.so.tinh.gov.vn": {"v=DMARC1; p=reject; rua=mailto:x@reports.example,mailto:y@other.example; pct=200"},
			"TXT so.tinh.gov.vn._report._dmarc.other.example": {"v=DMARC1"}}, "so.tinh.gov.vn", "reject", 1, 100, []string{"x@reports.example"}, 1},
	} {
		d, err := ReadDMARC(t.Context(), c.zone, "so.tinh.gov.vn")
		if err != nil || d.At != c.at || d.Policy != c.policy || d.Records != c.records || d.Percent != c.percent || !reflect.DeepEqual(d.Refused, c.refused) || len(d.Problems) != c.problems {
			t.Errorf("%v: %+v, %v", c.zone, d, err)
		}
	}
}

func TestOrganisation(t *testing.T) {
	for name, want := range map[string]string{"gov.vn": "", "so.tinh.gov.vn": "tinh.gov.vn", "Tinh.GOV.vn": "tinh.gov.vn", "vn": ""} {
		if got := Organisation(name); got != want {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
}

const rsa1024 = "MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQC+W6scd3XWwvC/hPRksUNrV3Uq9y8y0z1WmDmF3n0oCWvwAhGvvN5i2Lhy0hTT3e8NJmUHOE4xbd4MC/5Rr+qR7g5Q9kYwbG5tSbyCxNn4mlFHJ8i1BtYJJZ0aUHKEG0QxkHJm4kfQGyZDpBP1iJ9Ye5p2k4tSgZcWX1pIPz9M3QIDAQAB"

func TestDKIM(t *testing.T) {
	for record, want := range map[string]DKIM{
		"v=DKIM1; k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=": {KeyType: "ed25519", Bits: 256},
		"v=DKIM1; p=":                          {KeyType: "rsa", Revoked: true},
		"v=DKIM1; t=y:s; h=sha1; p=" + rsa1024: {KeyType: "rsa", Bits: 1024, Testing: true, SHA1: true},
		"k=rsa; p=AAAA":                        {KeyType: "rsa", Problems: []string{"the key cannot be read"}},
		"v=DKIM1; k=rsa":                       {KeyType: "rsa", Problems: []string{"there is no key (p=)"}},
	} {
		want.Records = 1
		if want.Problems == nil {
			want.Problems = []string{}
		}
		if k, err := ReadDKIM(t.Context(), zone{"TXT s._domainkey.xa.vn": {record}}, "s", "xa.vn"); err != nil || !reflect.DeepEqual(k, want) {
			t.Errorf("%q: %+v, %v", record, k, err)
		}
	}
}

func TestSTS(t *testing.T) {
	p := ParseSTSPolicy("version: STSv1\r\nmode: enforce\nmx: mail.xa.vn\nmx: *.xa.vn\nmax_age: 604800\n")
	if len(p.Problems) > 0 || p.Mode != "enforce" || p.MaxAge != 604800 || !p.Covers("MX2.xa.vn.") || p.Covers("a.b.xa.vn") || p.Covers("xa.vn") {
		t.Errorf("%+v", p)
	}
	if p := ParseSTSPolicy("<html>\nmode: strict\nmx: \"x\"\nmax_age: 99999999\n"); len(p.Problems) != 6 {
		t.Errorf("%+v", p)
	}
	for record, problems := range map[string]int{"v=STSv1; id=20260101T1;": 0, "v=STSv1": 1, "v=STSv1; id=a-b": 1} {
		if s, _ := ReadSTS(t.Context(), zone{"TXT _mta-sts.xa.vn": {record}}, "xa.vn"); s.Records != 1 || len(s.Problems) != problems {
			t.Errorf("%q: %+v", record, s)
		}
	}
	for record, problems := range map[string]int{"v=TLSRPTv1; rua=mailto:a@xa.vn,https://xa.vn/r": 0, "v=TLSRPTv1; rua=ftp://x": 1, "v=TLSRPTv1": 1} {
		if r, _ := ReadReports(t.Context(), zone{"TXT _smtp._tls.xa.vn": {record}}, "xa.vn"); r.Records != 1 || len(r.Problems) != problems {
			t.Errorf("%q: %+v", record, r)
		}
	}
}

func TestIssuer(t *testing.T) {
	for value, want := range map[string]string{"ca.example; account=1": "ca.example", ";": "", " CA.example ": "ca.example"} {
		if got, ok := Issuer(value); !ok || got != want {
			t.Errorf("%q: %q, %v", value, got, ok)
		}
	}
	if _, ok := Issuer("a b"); ok {
		t.Error("takes a space in a name")
	}
}

// Whatever the records say, reading them ends, within bounds.
func FuzzRecords(f *testing.F) {
	for _, s := range []string{"v=spf1 include:xa.vn a:%{ir}.x/24//64 redirect=y.vn exp=e -all", "v=DMARC1; p=reject; rua=mailto:a@b.vn!10m; pct=1",
		"v=DKIM1; k=rsa; p=" + rsa1024, "v=STSv1; id=1", "v=TLSRPTv1; rua=mailto:a@b", "v=spf1 %{", "v=DMARC1;;=;p", "a; b=c"} {
		f.Add(s, s)
	}
	f.Fuzz(func(t *testing.T, one, two string) {
		z := always{one, two}
		s, _ := ReadSPF(t.Context(), z, "xa.vn")
		d, _ := ReadDMARC(t.Context(), z, "so.xa.vn")
		k, _ := ReadDKIM(t.Context(), z, "s", "xa.vn")
		_, _ = ReadSTS(t.Context(), z, "xa.vn")
		_, _ = ReadReports(t.Context(), z, "xa.vn")
		_, _ = Issuer(one)
		if len(s.Problems) > mostProblems || len(d.Problems) > mostProblems+8 || len(k.Problems) > 4 || s.Lookups > 2*countUpTo {
			t.Errorf("%d, %d, %d, %d", len(s.Problems), len(d.Problems), len(k.Problems), s.Lookups)
		}
	})
}

// always gives one record for most names, and both for those that begin with x.
type always struct{ one, two string }

func (a always) TXT(_ context.Context, name string) ([]string, error) {
	if strings.HasPrefix(name, "x") {
		return []string{a.one}, nil
	}
	return []string{a.two}, nil
}

func (a always) Count(context.Context, string, string) (int, error) { return len(a.one) % 2, nil }

func FuzzSTSPolicy(f *testing.F) {
	f.Add("version: STSv1\nmode: enforce\nmx: *.xa.vn\nmax_age: 1\n", "mail.xa.vn")
	f.Add(":\n::\nmx:\n", ".")
	f.Fuzz(func(t *testing.T, text, mx string) {
		if p := ParseSTSPolicy(text); len(p.Problems) > mostProblems || len(p.MX) > mostTags {
			t.Errorf("%d, %d", len(p.Problems), len(p.MX))
		} else {
			p.Covers(mx)
		}
	})
}
