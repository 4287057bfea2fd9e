package pack

import (
	"archive/zip"
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"hash"
	"io"
	"os"
	"path"
	"strings"
)

// Pack is an archive open for reading.
type Pack struct {
	Manifest
	name    string
	file    *os.File
	entries map[string]*zip.File
	told    map[string]File // of the manifest
}

// Is tells whether a file looks like a pack, by how it begins.
func Is(name string) bool {
	f, err := os.Open(name)
	if err != nil {
		return false
	}
	defer func() { _ = f.Close() }()
	head := make([]byte, 4)
	_, err = io.ReadFull(f, head)
	return err == nil && bytes.Equal(head, []byte("PK\x03\x04"))
}

// Open reads the manifest of a pack. The caller closes it.
func Open(name string) (*Pack, error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	p := &Pack{name: name, file: f}
	if err := p.read(); err != nil {
		_ = f.Close()
		return nil, p.named(err)
	}
	return p, nil
}

// Close ends the reading.
func (p *Pack) Close() error { return p.file.Close() }

// named adds the name of the archive to what is wrong with it.
func (p *Pack) named(err error) error {
	var d *Damage
	if errors.As(err, &d) && d.File == "" {
		return &Damage{p.name, d.What}
	}
	return err
}

func (p *Pack) read() error {
	info, err := p.file.Stat()
	if err != nil {
		return err
	}
	within := &capped{p.file, maxDirectory}
	z, err := zip.NewReader(within, info.Size())
	if err != nil {
		return damage("", "không phải tệp zip nguyên vẹn (%v); dùng gói do sansang pack tạo", "this is no whole zip file (%v); use a pack made by sansang pack", err)
	}
	within.left = 1 << 62 // the list is read; each file has bounds of its own
	if len(z.File) > maxFiles+1 {
		return damage("", "gói có hơn %d tệp", "the pack holds more than %d files", maxFiles)
	}
	p.entries = make(map[string]*zip.File, len(z.File))
	for _, e := range z.File {
		if strings.HasSuffix(e.Name, "/") { // a folder, from whoever packed it anew
			continue
		}
		if _, twice := p.entries[e.Name]; twice {
			return damage("", "%q có hai lần trong gói", "%q is in the pack twice", e.Name)
		}
		if e.Flags&1 != 0 || e.Method != zip.Deflate && e.Method != zip.Store {
			return damage("", "%q được mã hóa hoặc nén theo cách lạ", "%q is encrypted, or packed in an unknown way", e.Name)
		}
		p.entries[e.Name] = e
	}
	if err := p.manifest(); err != nil {
		return err
	}
	for name := range p.entries {
		if _, told := p.File(name); !told && name != manifestPath {
			return damage("", "%q không có trong mục lục của gói", "%q is not in the manifest of the pack", name)
		}
	}
	return nil
}

func (p *Pack) manifest() error {
	e := p.entries[manifestPath]
	if e == nil {
		return damage("", "không phải gói hồ sơ của sansang (thiếu %s)", "this is no pack of sansang (it lacks %s)", manifestPath)
	}
	r, err := e.Open()
	if err != nil {
		return damage("", "không đọc được mục lục của gói (%v)", "the manifest cannot be read (%v)", err)
	}
	defer func() { _ = r.Close() }()
	b, err := io.ReadAll(io.LimitReader(r, maxManifest+1))
	if err != nil || len(b) > maxManifest {
		return damage("", "mục lục của gói bị hỏng hoặc lớn quá", "the manifest is damaged or too large")
	}
	if err := json.Unmarshal(b, &p.Manifest); err != nil {
		return damage("", "mục lục của gói bị hỏng (%v)", "the manifest is damaged (%v)", err)
	}
	if err := p.check(); err != nil {
		return err
	}
	p.told = make(map[string]File, len(p.Files))
	for _, f := range p.Files {
		p.told[f.Path] = f
	}
	return nil
}

// File gives a file of the pack by its path.
func (p *Pack) File(path string) (File, bool) {
	f, ok := p.told[path]
	return f, ok
}

// Reader gives the content of a file. It reads no more than the manifest says,
// and fails at the end if that is not what it says.
func (p *Pack) Reader(path string) (io.ReadCloser, error) {
	f, told := p.File(path)
	e := p.entries[path]
	if !told || e == nil {
		return nil, damage(p.name, "thiếu %s trong gói", "%s is not in the pack", path)
	}
	r, err := e.Open()
	if err != nil {
		return nil, damage(p.name, "không đọc được %s (%v)", "%s cannot be read (%v)", path, err)
	}
	return struct {
		io.Reader
		io.Closer
	}{newChecked(r, f), r}, nil
}

// Verify reads every file and holds it against the manifest.
func (p *Pack) Verify() error {
	for _, f := range p.Files {
		if err := p.copy(io.Discard, f.Path); err != nil {
			return err
		}
	}
	return nil
}

func (p *Pack) copy(w io.Writer, path string) error {
	r, err := p.Reader(path)
	if err != nil {
		return err
	}
	defer func() { _ = r.Close() }()
	_, err = io.Copy(w, r)
	return p.named(err)
}

// Extract writes every file below a folder that is there and empty.
func (p *Pack) Extract(dir string) error {
	root, err := os.OpenRoot(dir)
	if err != nil {
		return err
	}
	defer func() { _ = root.Close() }()
	for _, f := range p.Files {
		if err := root.MkdirAll(path.Dir(f.Path), 0o700); err != nil {
			return err
		}
		out, err := root.OpenFile(f.Path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
		if err != nil {
			return err
		}
		err = p.copy(out, f.Path)
		if cerr := out.Close(); err == nil {
			err = cerr
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// checked reads what a file must hold, and nothing more.
type checked struct {
	r    io.Reader
	want File
	n    int64
	sum  hash.Hash
}

func newChecked(r io.Reader, want File) *checked {
	return &checked{r: io.LimitReader(r, want.Bytes+1), want: want, sum: sha256.New()}
}

func (c *checked) Read(b []byte) (int, error) {
	n, err := c.r.Read(b)
	c.n += int64(n)
	_, _ = c.sum.Write(b[:n])
	switch {
	case c.n > c.want.Bytes:
		return 0, damage("", "%s dài hơn đã ghi trong mục lục", "%s is longer than its entry says", c.want.Path)
	case errors.Is(err, io.EOF):
		if c.n < c.want.Bytes || hex.EncodeToString(c.sum.Sum(nil)) != c.want.SHA256 {
			return n, damage("", "%s không còn là tệp đã ghi trong mục lục", "%s is not the file that its entry tells of", c.want.Path)
		}
	case err != nil:
		return n, damage("", "gói bị hỏng, không đọc được %s (%v); dùng bản gốc của gói", "the pack is damaged, %s cannot be read (%v); use the pack as it was made", c.want.Path, err)
	}
	return n, err
}

// capped bounds how much is read before the pack is known to be one.
type capped struct {
	r    io.ReaderAt
	left int64
}

func (c *capped) ReadAt(b []byte, at int64) (int, error) {
	if c.left -= int64(len(b)); c.left < 0 {
		return 0, errors.New("its list of files is too long")
	}
	return c.r.ReadAt(b, at)
}
