package pack

import (
	"archive/zip"
	"bytes"
	"cmp"
	"encoding/json"
	"io"
	"slices"
)

// Source is a file to be packed: what it must hold, and the way to it.
type Source struct {
	File
	Open func() (io.ReadCloser, error)
}

// Write makes a pack of the files of one unit. A file that no longer holds what
// its source says is an error, and what was written until then is no pack.
func Write(w io.Writer, unit, unitFile string, files []Source) error {
	files = slices.Clone(files)
	slices.SortFunc(files, func(a, b Source) int { return cmp.Compare(a.Path, b.Path) })
	m := Manifest{Format: Format, Unit: unit, UnitFile: unitFile}
	for _, f := range files {
		m.Files = append(m.Files, f.File)
	}
	if err := m.check(); err != nil {
		return err
	}
	var list bytes.Buffer
	enc := json.NewEncoder(&list)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	if err := enc.Encode(m); err != nil {
		return err
	}
	z := zip.NewWriter(w)
	if err := put(z, manifestPath, &list); err != nil {
		return err
	}
	for _, f := range files {
		if err := f.put(z); err != nil {
			return err
		}
	}
	return z.Close()
}

// put writes an entry without a date: the same files are the same bytes.
func put(z *zip.Writer, path string, r io.Reader) error {
	out, err := z.CreateHeader(&zip.FileHeader{Name: path, Method: zip.Deflate})
	if err != nil {
		return err
	}
	_, err = io.Copy(out, r)
	return err
}

func (s Source) put(z *zip.Writer) error {
	in, err := s.Open()
	if err != nil {
		return err
	}
	defer func() { _ = in.Close() }()
	return put(z, s.Path, newChecked(in, s.File))
}
