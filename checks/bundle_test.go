package checks

import (
	"crypto/ed25519"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"flag"
	"io/fs"
	"os"
	"strings"
	"testing"
	"testing/fstest"
)

var signWith = flag.String("sign", "", "sign our own templates with the key in this file; made if there is none")

// TestBundle holds that our own templates are the signed ones. With -sign they
// are signed anew.
func TestBundle(t *testing.T) {
	if *signWith != "" {
		signBundle(t, *signWith)
	}
	if err := verifyBundle(os.DirFS(".")); err != nil {
		t.Errorf("%v (sign them: make sign)", err)
	}
}

func signBundle(t *testing.T, file string) {
	seed, err := os.ReadFile(file)
	if errors.Is(err, fs.ErrNotExist) {
		seed = []byte(base64.StdEncoding.EncodeToString(func() []byte { b := make([]byte, ed25519.SeedSize); _, _ = rand.Read(b); return b }()))
		err = os.WriteFile(file, seed, 0o600)
	}
	if err != nil {
		t.Fatal(err)
	}
	raw, err := base64.StdEncoding.DecodeString(strings.TrimSpace(string(seed)))
	if err != nil || len(raw) != ed25519.SeedSize {
		t.Fatalf("%s holds no seed of a key", file)
	}
	key := ed25519.NewKeyFromSeed(raw)
	sums, err := sumsOf(os.DirFS("."))
	if err != nil {
		t.Fatal(err)
	}
	for name, b := range map[string][]byte{
		bundleSums:      sums,
		bundleSignature: []byte(base64.StdEncoding.EncodeToString(ed25519.Sign(key, sums)) + "\n"),
		bundleKey:       []byte(base64.StdEncoding.EncodeToString(key.Public().(ed25519.PublicKey)) + "\n"),
	} {
		if err := os.WriteFile(name, b, 0o644); err != nil { //nolint:gosec // read by all
			t.Fatal(err)
		}
	}
}

// A template that was changed, added or taken away, or another signature, is found out.
func TestBundleIsNotForged(t *testing.T) {
	whole := func() fstest.MapFS {
		m := fstest.MapFS{}
		for _, file := range []string{bundleSums, bundleSignature, bundleKey} {
			b, err := own.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			m[file] = &fstest.MapFile{Data: b}
		}
		files, _ := fs.Glob(own, "templates/*/*.yaml")
		for _, file := range files {
			b, _ := own.ReadFile(file)
			m[file] = &fstest.MapFile{Data: b}
		}
		return m
	}
	if err := verifyBundle(whole()); err != nil {
		t.Fatal(err)
	}
	first := func(m fstest.MapFS) string {
		files, _ := fs.Glob(m, "templates/*/*.yaml")
		if len(files) == 0 {
			t.Fatal("there are no templates")
		}
		return files[0]
	}
	for what, forge := range map[string]func(fstest.MapFS){
		"changed": func(m fstest.MapFS) { f := m[first(m)]; f.Data = append(f.Data[:len(f.Data):len(f.Data)], '#') },
		"added":   func(m fstest.MapFS) { m["templates/holes/http_x.yaml"] = &fstest.MapFile{Data: []byte("id: x")} },
		"removed": func(m fstest.MapFS) { delete(m, first(m)) },
		"list": func(m fstest.MapFS) {
			m["templates/holes/http_x.yaml"] = &fstest.MapFile{Data: []byte("id: x")}
			m[bundleSums].Data, _ = sumsOf(m)
		},
		"unsigned": func(m fstest.MapFS) { delete(m, bundleSignature) },
	} {
		m := whole()
		forge(m)
		if verifyBundle(m) == nil {
			t.Errorf("%s: taken for genuine", what)
		}
	}
}
