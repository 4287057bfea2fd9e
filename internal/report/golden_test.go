package report

import (
	"bytes"
	"flag"
	"os"
	"path/filepath"
	"testing"

	"github.com/sansang/sansang/internal/lang"
)

var update = flag.Bool("update", false, "write the golden reports in testdata/reports anew")

func render(t *testing.T, format string, d Document, o Options) []byte {
	t.Helper()
	f, err := Find(format)
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	if err := f.Render(&b, d, o); err != nil {
		t.Fatalf("%s: %v", format, err)
	}
	return b.Bytes()
}

// TestGolden holds every report still: a change of wording is seen in review,
// and the same document gives the same bytes.
func TestGolden(t *testing.T) {
	for name, d := range documents() {
		for _, l := range lang.All {
			for format, ext := range map[string]string{"text": "txt", "html": "html", "json": "json"} {
				file := filepath.Join("..", "..", "testdata", "reports", name+"."+string(l)+"."+ext)
				got := render(t, format, d, Options{Lang: l})
				if *update {
					if err := os.WriteFile(file, got, 0o644); err != nil {
						t.Fatal(err)
					}
				}
				want, err := os.ReadFile(file)
				if err != nil {
					t.Fatal(err)
				}
				if !bytes.Equal(got, want) {
					t.Errorf("%s differs; see what go test ./internal/report -update changes", file)
				}
				if again := render(t, format, documents()[name], Options{Lang: l}); !bytes.Equal(got, again) {
					t.Errorf("%s: the same document gave other bytes", file)
				}
			}
		}
	}
}
