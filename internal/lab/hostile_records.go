package lab

import (
	"bytes"
	"math/rand/v2"
	"time"
)

const recordCCS = 20

// flood waits for the first bytes of a hello and answers with the same record
// for ever, as fast as the peer reads.
func flood(kind byte, payload ...byte) func(*conn) {
	return func(c *conn) {
		if len(c.hear(10*time.Second)) == 0 {
			return
		}
		var many bytes.Buffer // its Write never fails
		for range 2000 {
			_, _ = recordWriter{&many, kind, versionTLS12}.record(payload)
		}
		for {
			if _, err := c.Write(many.Bytes()); err != nil {
				return
			}
		}
	}
}

// floodNonsense sends records of full size that no key opens, for ever, but
// the same every time.
func floodNonsense(c *conn) {
	const recordApplication = 23
	nonsense := make([]byte, maxRecord)
	_, _ = rand.NewChaCha8([32]byte{'n', 'o', ' ', 'k', 'e', 'y'}).Read(nonsense) // never fails
	for {
		if _, err := (recordWriter{c, recordApplication, versionTLS12}).Write(nonsense); err != nil {
			return
		}
	}
}
