package mailauth

import (
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"
)

// suite is the test suite of RFC 7208 by the openspf project, as Debian's
// python3-spf has it.
const suite = "/usr/share/doc/python3-spf/rfc7208-tests.yml.gz"

// scenario is one document of it.
type scenario struct {
	Description string         `yaml:"description"`
	Zone        map[string]any `yaml:"zonedata"`
	Tests       map[string]struct {
		Helo     string `yaml:"helo"`
		MailFrom string `yaml:"mailfrom"`
		Result   any    `yaml:"result"`
	} `yaml:"tests"`
}

var errTimeout = errors.New("timeout")

// records gives those of a name and kind, at the end of an alias. A record of
// the type SPF stands for a TXT where there is none.
func (s scenario) records(name, kind string) (out []string, err error) {
	var list []any
	for n, l := range s.Zone {
		if strings.EqualFold(n, name) {
			list, _ = l.([]any)
		}
	}
	var old []string
	for _, r := range list {
		of, is := r.(map[string]any)
		if !is {
			return nil, errTimeout
		}
		for k, v := range of {
			text := fmt.Sprint(v)
			if parts, is := v.([]any); is {
				text = ""
				for _, p := range parts {
					text += fmt.Sprint(p)
				}
			}
			switch {
			case k == "CNAME":
				return s.records(text, kind)
			case k == kind && text != "NONE":
				out = append(out, text)
			case k == kind:
				return out, nil
			case k == "SPF":
				old = append(old, text)
			}
		}
	}
	if kind == "TXT" && out == nil {
		out = old
	}
	return out, nil
}

func (s scenario) TXT(_ context.Context, name string) ([]string, error) {
	return s.records(name, "TXT")
}

func (s scenario) Count(_ context.Context, name, kind string) (int, error) {
	r, err := s.records(name, kind)
	return len(r), err
}

// What the suite calls an error for some sender is a problem to us, and what it
// evaluates is none. We count as for a sender whom nothing matches, so where a
// sender is matched before the limit we say more.
func TestSuite(t *testing.T) {
	more := []string{"include-at-limit"}
	f, err := os.Open(suite)
	if err != nil {
		t.Skip("python3-spf with its documentation is not installed")
	}
	defer func() { _ = f.Close() }()
	z, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	for docs := yaml.NewDecoder(z); ; {
		var s scenario
		if err := docs.Decode(&s); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			t.Fatal(err)
		}
		for name, c := range s.Tests {
			n++
			domain := c.MailFrom[strings.LastIndexByte(c.MailFrom, '@')+1:]
			if domain == "" {
				domain = c.Helo
			}
			want := strings.Fields(strings.Trim(fmt.Sprint(c.Result), "[]"))
			got, err := ReadSPF(t.Context(), s, domain)
			wrong := len(got.Problems) > 0 || got.Records > 1 || got.Lookups > MostSPFLookups || got.Voids > MostSPFVoids
			switch {
			case slices.Contains(want, "temperror") && err != nil, slices.Contains(want, "none") && got.Records == 0:
			case slices.Contains(want, "permerror") == wrong, len(want) > 1, slices.Contains(more, name):
			default:
				t.Errorf("%s, %s: %v; we %+v, %v", s.Description, name, want, got, err)
			}
		}
	}
	if n < 200 {
		t.Errorf("%d tests", n)
	}
}
