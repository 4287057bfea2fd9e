package lab

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"crypto/tls"
	"errors"
	"net"
	"os"
	"strings"
	"testing"
	"time"
)

// listener remembers what it reads.
type listener struct {
	net.Conn
	got bytes.Buffer
}

func (l *listener) Read(p []byte) (int, error) {
	n, err := l.Conn.Read(p)
	l.got.Write(p[:n])
	return n, err
}

// proveCBC shakes hands with nothing but CBC and sends, on a connection each, a
// good record, one with wrong padding and one with a wrong MAC. The answer is an
// alert, or for 0 none.
func proveCBC(t *testing.T, s *Server, padding, mac byte) {
	t.Helper()
	for flaw, want := range []byte{0, padding, mac} {
		var secrets bytes.Buffer
		c := &listener{Conn: dial(t, s)}
		client := tls.Client(c, &tls.Config{InsecureSkipVerify: true, KeyLogWriter: &secrets, MaxVersion: tls.VersionTLS12, CipherSuites: []uint16{cbcSuite}})
		if err := client.Handshake(); err != nil {
			t.Fatal(err)
		}
		keys := cbcKeys(secrets.String(), c.got.Bytes())
		data := []byte("xin chao")
		b := append(data, recordMAC(keys[0], 1, recordApplication, data)...)
		b = append(b, 3, 3, 3, 3)
		switch flaw {
		case 1:
			b[len(b)-2] = 9
		case 2:
			b[len(data)] ^= 1
		}
		block, err := aes.NewCipher(keys[2])
		if err != nil {
			t.Fatal(err)
		}
		cipher.NewCBCEncrypter(block, make([]byte, blockLen)).CryptBlocks(b, b)
		send(t, c, record(recordApplication, append(make([]byte, blockLen), b...)))
		if want == 0 {
			_ = c.SetReadDeadline(time.Now().Add(200 * time.Millisecond))
		}
		_, err = client.Read(make([]byte, 1))
		if want == 0 && errors.Is(err, os.ErrDeadlineExceeded) {
			continue
		}
		if err == nil || want == 0 || !strings.HasSuffix(err.Error(), tls.AlertError(want).Error()) {
			t.Errorf("flaw %d: %v, want alert %d", flaw, err, want)
		}
	}
}
