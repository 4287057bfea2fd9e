package checks

import (
	"bytes"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"io/fs"
	"strings"
	"sync"
)

// The list of our own templates, each with its SHA-256, and its signature
// (Ed25519, RFC 8032) by the key whose public half is beside them.
const (
	bundleSums      = "templates/SHA256SUMS"
	bundleSignature = "templates/SHA256SUMS.sig"
	bundleKey       = "templates/sansang.pub"
)

// genuine tells whether our own templates are those that were signed; none is
// run if they are not.
var genuine = sync.OnceValue(func() error { return verifyBundle(own) })

func verifyBundle(bundle fs.FS) error {
	sums, err := fs.ReadFile(bundle, bundleSums)
	if err != nil {
		return err
	}
	key, err := decoded(bundle, bundleKey, ed25519.PublicKeySize)
	if err != nil {
		return err
	}
	signature, err := decoded(bundle, bundleSignature, ed25519.SignatureSize)
	if err != nil {
		return err
	}
	if !ed25519.Verify(key, sums, signature) {
		return errors.New("the list of templates is not the one that was signed")
	}
	have, err := sumsOf(bundle)
	if err != nil {
		return err
	}
	if !bytes.Equal(have, sums) {
		return errors.New("the templates are not those of the signed list")
	}
	return nil
}

func decoded(bundle fs.FS, name string, size int) ([]byte, error) {
	text, err := fs.ReadFile(bundle, name)
	if err != nil {
		return nil, err
	}
	b, err := base64.StdEncoding.DecodeString(strings.TrimSpace(string(text)))
	if err != nil || len(b) != size {
		return nil, fmt.Errorf("%s holds no %d bytes in base64", name, size)
	}
	return b, nil
}

// sumsOf lists the templates, in the form of sha256sum.
func sumsOf(bundle fs.FS) ([]byte, error) {
	files, err := fs.Glob(bundle, "templates/*/*.yaml")
	if err != nil {
		return nil, err
	}
	var out bytes.Buffer
	for _, file := range files {
		b, err := fs.ReadFile(bundle, file)
		if err != nil {
			return nil, err
		}
		fmt.Fprintf(&out, "%x  %s\n", sha256.Sum256(b), strings.TrimPrefix(file, "templates/"))
	}
	return out.Bytes(), nil
}
