package lab

import (
	"bufio"
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"crypto/hmac"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/tls"
	"encoding/binary"
	"encoding/hex"
	"io"
	"net"
	"slices"
	"strings"
)

// A cbcHole is a good web site but for clients of TLS 1.2 that offer CBC and
// nothing better: crypto/tls shakes hands with them, and what follows is read by
// hand, as loosely as some devices did.
type cbcHole struct {
	lax   bool // takes records whatever their padding is
	tells bool // says whether it was the padding or the MAC
}

const (
	cbcSuite               = tls.TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA
	alertDecryptionFailed  = 21
	recordApplication      = 23
	recordChangeCipherSpec = 20
	macLen, blockLen       = sha1.Size, aes.BlockSize
)

func (h cbcHole) spoil(w *website) {
	w.behind = func(ln net.Listener, _ []byte) net.Listener { return &cbcListener{ln, h, w.tls} }
}

type cbcListener struct {
	net.Listener
	hole cbcHole
	site *tls.Config
}

func (l *cbcListener) Accept() (net.Conn, error) {
	c, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	return &cbcConn{Conn: c, r: bufio.NewReaderSize(c, recordHeader+maxRecord), l: l}, nil
}

// cbcConn asks the hole at the first Read, as a frontConn its front.
type cbcConn struct {
	net.Conn
	r     *bufio.Reader
	l     *cbcListener
	asked bool
}

func (c *cbcConn) Read(p []byte) (int, error) {
	if !c.asked {
		c.asked = true
		hello, ok := peekHello(c.r)
		_, good := firstCommon(goodSuites, hello.suites)
		if ok && !good && hello.version == versionTLS12 && slices.Contains(hello.suites, cbcSuite) {
			c.l.hole.serve(c, c.l.site)
			return 0, io.EOF
		}
	}
	return c.r.Read(p)
}

// kept is a connection that remembers what passed.
type kept struct {
	*cbcConn
	got, said bytes.Buffer
}

func (k *kept) Read(p []byte) (int, error) {
	n, err := k.r.Read(p)
	k.got.Write(p[:n])
	return n, err
}

func (k *kept) Write(p []byte) (int, error) {
	k.said.Write(p)
	return k.Conn.Write(p)
}

// serve shakes hands and answers one record.
func (h cbcHole) serve(c *cbcConn, site *tls.Config) {
	var secrets bytes.Buffer
	own := site.Clone()
	own.MaxVersion, own.CipherSuites, own.KeyLogWriter = tls.VersionTLS12, []uint16{cbcSuite}, &secrets
	k := &kept{cbcConn: c}
	if tls.Server(k, own).Handshake() != nil {
		return
	}
	keys := cbcKeys(secrets.String(), k.said.Bytes())
	if keys == nil {
		return
	}
	head := make([]byte, recordHeader)
	for n := uint64(1); ; n++ { // after the Finished
		if _, err := io.ReadFull(c.r, head); err != nil {
			return
		}
		record := make([]byte, binary.BigEndian.Uint16(head[3:]))
		if _, err := io.ReadFull(c.r, record); err != nil {
			return
		}
		if alert := h.open(keys, n, head[0], record); alert != 0 {
			_, _ = recordWriter{c.Conn, recordAlert, versionTLS12}.Write(sealAlert(keys, alert))
			return
		}
	}
}

// cbcKeys are the MAC keys of both sides, then their encryption keys: RFC 5246
// §6.3. The random of the server is in its first record.
func cbcKeys(secrets string, said []byte) [][]byte {
	fields := strings.Fields(secrets)
	const random = recordHeader + 4 + 2
	if len(fields) != 3 || len(said) < random+32 {
		return nil
	}
	client, err1 := hex.DecodeString(fields[1])
	master, err2 := hex.DecodeString(fields[2])
	if err1 != nil || err2 != nil {
		return nil
	}
	hash := func(parts ...[]byte) []byte {
		m := hmac.New(sha256.New, master)
		m.Write(slices.Concat(parts...))
		return m.Sum(nil)
	}
	seed := slices.Concat([]byte("key expansion"), said[random:random+32], client)
	var block []byte
	for a := hash(seed); len(block) < 2*macLen+2*blockLen; a = hash(a) {
		block = append(block, hash(a, seed)...)
	}
	return [][]byte{block[:macLen], block[macLen : 2*macLen], block[2*macLen:][:blockLen], block[2*macLen+blockLen:][:blockLen]}
}

func recordMAC(key []byte, n uint64, kind byte, data []byte) []byte {
	m := hmac.New(sha1.New, key)
	b := binary.BigEndian.AppendUint64(nil, n)
	m.Write(append(b, kind, 3, 3, byte(len(data)>>8), byte(len(data))))
	m.Write(data)
	return m.Sum(nil)
}

// open gives the alert for the record of number n; 0 if it is taken.
func (h cbcHole) open(keys [][]byte, n uint64, kind byte, record []byte) byte {
	if len(record) < 3*blockLen || len(record)%blockLen != 0 {
		return alertBadRecordMAC
	}
	block, err := aes.NewCipher(keys[2])
	if err != nil {
		return alertBadRecordMAC
	}
	iv, b := record[:blockLen], record[blockLen:]
	cipher.NewCBCDecrypter(block, iv).CryptBlocks(b, b)
	last := b[len(b)-1]
	end := len(b) - 1 - int(last)
	wellPadded := end >= macLen && bytes.Count(b[end:], []byte{last}) == int(last)+1
	if !wellPadded && !h.lax {
		if h.tells {
			return alertDecryptionFailed
		}
		return alertBadRecordMAC
	}
	if end < macLen || !hmac.Equal(b[end-macLen:end], recordMAC(keys[0], n, kind, b[:end-macLen])) {
		return alertBadRecordMAC
	}
	return 0
}

// sealAlert protects a fatal alert, the first record after the Finished.
func sealAlert(keys [][]byte, code byte) []byte {
	data := []byte{2, code}
	b := append(data, recordMAC(keys[1], 1, recordAlert, data)...)
	for pad := byte(blockLen - 1 - len(b)%blockLen); len(b)%blockLen != 0; {
		b = append(b, pad)
	}
	block, err := aes.NewCipher(keys[3])
	if err != nil {
		return nil
	}
	iv := make([]byte, blockLen)
	cipher.NewCBCEncrypter(block, iv).CryptBlocks(b, b)
	return append(iv, b...)
}
