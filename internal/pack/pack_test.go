package pack

import (
	"archive/zip"
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func source(path, content string) Source {
	sum := sha256.Sum256([]byte(content))
	return Source{File{path, hex.EncodeToString(sum[:]), int64(len(content))}, func() (io.ReadCloser, error) { return io.NopCloser(strings.NewReader(content)), nil }}
}

func good() []Source {
	return []Source{source("unit/don-vi.yaml", "unit: x"), source(AssessmentPath, "{}\n"), source("unit/tai-lieu/quyết định.pdf", strings.Repeat("x", 100_000))}
}

func written(t *testing.T, files []Source) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := Write(&b, "H21", "unit/don-vi.yaml", files); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func opened(t *testing.T, b []byte) (*Pack, error) {
	t.Helper()
	name := filepath.Join(t.TempDir(), "x.zip")
	if err := os.WriteFile(name, b, 0o600); err != nil {
		t.Fatal(err)
	}
	p, err := Open(name)
	if err == nil {
		t.Cleanup(func() { _ = p.Close() })
	}
	return p, err
}

func TestThereAndBack(t *testing.T) {
	files := good()
	first := written(t, files)
	files[0], files[2] = files[2], files[0]
	if !bytes.Equal(first, written(t, files)) {
		t.Error("the same files gave other bytes")
	}
	p, err := opened(t, first)
	if err != nil {
		t.Fatal(err)
	}
	if err := p.Verify(); err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	if err := p.Extract(dir); err != nil {
		t.Fatal(err)
	}
	b, err := os.ReadFile(filepath.Join(dir, "unit", "tai-lieu", "quyết định.pdf"))
	if err != nil || len(b) != 100_000 {
		t.Errorf("%d bytes, %v", len(b), err)
	}
	if err := p.Extract(dir); err == nil {
		t.Error("files were written over")
	}
}

func TestWriteRefuses(t *testing.T) {
	changed := good()
	changed[2].Open = func() (io.ReadCloser, error) { return io.NopCloser(strings.NewReader("y")), nil }
	grown := good()
	grown[2].Open = func() (io.ReadCloser, error) {
		return io.NopCloser(strings.NewReader(strings.Repeat("x", 100_001))), nil
	}
	large := good()
	large[2].Bytes = maxBytes
	for name, c := range map[string]struct {
		files []Source
		want  string
	}{
		"changed": {changed, "is not the file"}, "grown": {grown, "longer than its entry"}, "large": {large, "too large"},
		"outside":       {append(good(), source("unit/../../x", "x")), "is not allowed"},
		"elsewhere":     {append(good(), source("x", "x")), "is not allowed"},
		"twice":         {append(good(), good()[2]), "twice"},
		"no assessment": {good()[:1], "lacks the assessment"},
	} {
		if err := Write(io.Discard, "H21", "unit/don-vi.yaml", c.files); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %q", name, err, c.want)
		}
	}
}

type entry struct{ name, content string }

// zipped makes an archive as a hostile hand may make it.
func zipped(t *testing.T, entries ...entry) []byte {
	t.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for _, e := range entries {
		w, err := z.CreateHeader(&zip.FileHeader{Name: e.name, Method: zip.Deflate})
		if err != nil {
			t.Fatal(err)
		}
		_, _ = io.WriteString(w, e.content)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func manifest(edit func(*Manifest)) entry {
	m := Manifest{Format: Format, Unit: "H21", UnitFile: "unit/u.yaml", Files: []File{source(AssessmentPath, "a").File, source("unit/u.yaml", "u").File}}
	edit(&m)
	b, _ := json.Marshal(m)
	return entry{manifestPath, string(b)}
}

func TestReadRefuses(t *testing.T) {
	as := func(*Manifest) {}
	a, u := entry{AssessmentPath, "a"}, entry{"unit/u.yaml", "u"}
	many := make([]entry, maxFiles+2)
	for i := range many {
		many[i] = entry{strings.Repeat("x", 1+i%3) + strings.Repeat("y", i/3%40) + string(rune('a'+i%26)), ""}
	}
	long := make([]entry, 200)
	for i := range long {
		long[i] = entry{strings.Repeat("n", 60_000) + string(rune('a'+i)), ""}
	}
	for name, c := range map[string]struct {
		entries []entry
		want    string
	}{
		"no manifest":         {[]entry{a, u}, "lacks manifest.json"},
		"another format":      {[]entry{manifest(func(m *Manifest) { m.Format = "x" }), a, u}, "no pack of the form"},
		"not JSON":            {[]entry{{manifestPath, "{"}, a, u}, "manifest is damaged"},
		"a huge manifest":     {[]entry{{manifestPath, strings.Repeat(" ", maxManifest+1)}, a, u}, "too large"},
		"a stranger":          {[]entry{manifest(as), a, u, {"unit/x", "x"}}, "not in the manifest"},
		"an escape":           {[]entry{manifest(func(m *Manifest) { m.Files = append(m.Files, File{"unit/../../etc/passwd", m.Files[0].SHA256, 1}) }), a, u}, "is not allowed"},
		"a Windows escape":    {[]entry{manifest(func(m *Manifest) { m.Files = append(m.Files, File{`unit/..\..\x`, m.Files[0].SHA256, 1}) }), a, u}, "is not allowed"},
		"an entry twice":      {[]entry{manifest(as), a, u, a}, "twice"},
		"a promise too large": {[]entry{manifest(func(m *Manifest) { m.Files[0].Bytes = maxAssessment + 1 }), a, u}, "too large"},
		"too many":            {many, "more than 10000 files"},
		"a list too long":     {long, "no whole zip file"},
	} {
		if _, err := opened(t, zipped(t, c.entries...)); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %q", name, err, c.want)
		}
	}
	for name, c := range map[string]struct {
		entries []entry
		want    string
	}{
		"another file": {[]entry{manifest(as), {AssessmentPath, "b"}, u}, "is not the file"},
		"a bomb":       {[]entry{manifest(as), {AssessmentPath, strings.Repeat("a", 50<<20)}, u}, "longer than its entry"},
		"short":        {[]entry{manifest(as), {AssessmentPath, ""}, u}, "is not the file"},
		"missing":      {[]entry{manifest(as), u}, "is not in the pack"},
	} {
		p, err := opened(t, zipped(t, c.entries...))
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if err := p.Verify(); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %q", name, err, c.want)
		}
	}
}

// Whatever the bytes, reading ends, and what is extracted lies in its folder
// and is what the manifest says.
func FuzzOpen(f *testing.F) {
	var b bytes.Buffer
	if err := Write(&b, "H21", "unit/don-vi.yaml", good()); err != nil {
		f.Fatal(err)
	}
	f.Add(b.Bytes())
	f.Add([]byte("PK\x05\x06" + strings.Repeat("\x00", 18)))
	f.Fuzz(func(t *testing.T, in []byte) {
		name := filepath.Join(t.TempDir(), "x.zip")
		if err := os.WriteFile(name, in, 0o600); err != nil {
			t.Fatal(err)
		}
		p, err := Open(name)
		if err != nil {
			return
		}
		defer func() { _ = p.Close() }()
		if p.Verify() != nil {
			return
		}
		for _, file := range p.Files {
			if !safe(file.Path) {
				t.Fatalf("%q was accepted", file.Path)
			}
		}
	})
}
