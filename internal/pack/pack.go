// Package pack keeps an assessment, the unit file and every document that it
// names in one zip archive, with a manifest of their SHA-256. The same files
// give the same bytes. What is read is bounded, and held against the manifest.
package pack

import (
	"fmt"
	"io/fs"
	"regexp"
	"strings"
	"unicode"

	"github.com/sansang/sansang/internal/lang"
)

// Format names the shape of the archive.
const Format = "sansang.pack/1"

// Where things are in the archive. Documents lie under UnitDir by the path
// that the unit file names them with.
const (
	manifestPath   = "manifest.json"
	AssessmentPath = "assessment.jsonl"
	UnitDir        = "unit/"
)

// Bounds, the same for writing and reading.
const (
	maxFiles      = 10_000
	maxBytes      = 4 << 30 // of all files, unpacked
	maxAssessment = 1 << 30
	maxUnitFile   = 16 << 20
	maxManifest   = 4 << 20
	maxDirectory  = 8 << 20 // of the archive's own list
)

// Manifest says what is in a pack.
type Manifest struct {
	Format   string `json:"format"`
	Unit     string `json:"unit"`      // its electronic identifier
	UnitFile string `json:"unit_file"` // path in the archive
	Files    []File `json:"files"`     // all but the manifest, by path
}

// File is one file of a pack, by its content.
type File struct {
	Path   string `json:"path"`
	SHA256 string `json:"sha256"`
	Bytes  int64  `json:"bytes"`
}

// Damage is a pack that cannot be read or made, and why.
type Damage struct {
	File string
	What lang.Text
}

// In says the damage in one language.
func (d *Damage) In(l lang.Lang) string {
	if d.File == "" {
		return d.What.In(l)
	}
	return d.File + ": " + d.What.In(l)
}

func (d *Damage) Error() string { return d.In(lang.En) }

func damage(file, vi, en string, args ...any) error { return &Damage{file, lang.Tf(vi, en, args...)} }

var sha = regexp.MustCompile(`^[0-9a-f]{64}$`)

// check finds what is wrong with a manifest.
func (m *Manifest) check() error {
	if m.Format != Format {
		return damage("", "không phải gói hồ sơ dạng %s", "this is no pack of the form %s", Format)
	}
	if len(m.Files) > maxFiles {
		return damage("", "gói có hơn %d tệp", "the pack holds more than %d files", maxFiles)
	}
	seen := map[string]bool{}
	var total int64
	for _, f := range m.Files {
		if !safe(f.Path) || f.Path != AssessmentPath && !strings.HasPrefix(f.Path, UnitDir) {
			return damage("", "đường dẫn %q không được phép trong gói", "the path %q is not allowed in a pack", f.Path)
		}
		if seen[f.Path] {
			return damage("", "%s có hai lần trong gói", "%s is in the pack twice", f.Path)
		}
		seen[f.Path] = true
		if !sha.MatchString(f.SHA256) || f.Bytes < 0 || f.Bytes > maxBytes {
			return damage("", "mục lục của gói bị hỏng ở %s", "the manifest is damaged at %s", f.Path)
		}
		total += f.Bytes
	}
	switch {
	case !seen[AssessmentPath] || !strings.HasPrefix(m.UnitFile, UnitDir) || !seen[m.UnitFile]:
		return damage("", "gói thiếu hồ sơ đánh giá hoặc tệp đơn vị", "the pack lacks the assessment or the unit file")
	case total > maxBytes || m.bytes(AssessmentPath) > maxAssessment || m.bytes(m.UnitFile) > maxUnitFile:
		return damage("", "gói lớn quá: tối đa %s, hồ sơ đánh giá tối đa %s", "the pack is too large: at most %s, its assessment at most %s", size(maxBytes), size(maxAssessment))
	}
	return nil
}

func size(n int64) string { return fmt.Sprintf("%d GB", n>>30) }

func (m *Manifest) bytes(path string) int64 {
	for _, f := range m.Files {
		if f.Path == path {
			return f.Bytes
		}
	}
	return 0
}

// safe tells whether a path stays below its folder on every system.
func safe(path string) bool {
	return fs.ValidPath(path) && path != "." && len(path) <= 1000 && !strings.ContainsAny(path, `\:`) && !strings.ContainsFunc(path, unicode.IsControl)
}
