package lab

import (
	"bufio"
	"crypto/tls"
	"math/rand/v2"
	"time"
)

// hugeCertificate makes a server that answers a hello with a TLS 1.2 flight:
// ServerHello, a Certificate message of nearly so many bytes, ServerHelloDone.
// The chain is a good one with its intermediate over and over. There is no key
// exchange in the flight: nobody should get so far.
func hugeCertificate(most int) starter {
	return func(p place) (service, error) { return hugeChain(p, most-3) }
}

func hugeChain(p place, most int) (service, error) {
	cert, err := goodPaper(p.addr.Addr()).issue()
	if err != nil {
		return nil, err
	}
	leaf, inter := certificateEntry(cert.Certificate[0]), certificateEntry(cert.Certificate[1])
	repeats := (most - len(leaf)) / len(inter)
	length := len(leaf) + repeats*len(inter)

	return each(func(c *conn) {
		w := bufio.NewWriterSize(recordWriter{c, recordHandshake, versionTLS12}, maxRecord)
		_, _ = w.Write(serverHello(versionTLS12, hearSuite(c), secureRenegotiation...))
		_, _ = w.Write(appendUint24(appendUint24([]byte{msgCertificate}, 3+length), length))
		_, _ = w.Write(leaf)
		for range repeats {
			if _, err := w.Write(inter); err != nil {
				return // earlier errors stick to w and end up here
			}
		}
		_, _ = w.Write(handshake(msgHelloDone, nil))
		if w.Flush() == nil {
			c.finish()
		}
	}), nil
}

func certificateEntry(der []byte) []byte { return append(appendUint24(nil, len(der)), der...) }

// hearSuite reads the client's hello and picks the first suite of TLS 1.2 in
// it, so that the client goes on to the certificate. What is no hello gets a
// common suite.
func hearSuite(c *conn) uint16 {
	_ = c.SetReadDeadline(time.Now().Add(5 * time.Second))
	hello, _ := peekHello(bufio.NewReaderSize(c, recordHeader+maxRecord))
	for _, s := range hello.suites {
		signalling := s == 0x00ff || s == 0x5600
		grease := s&0x0f0f == 0x0a0a
		tls13 := s>>8 == 0x13
		if !signalling && !grease && !tls13 {
			return s
		}
	}
	return tls.TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256
}

// tlsGarbage waits for the first bytes of a hello and answers with handshake
// records whose content is random, but the same every time.
func tlsGarbage(c *conn) {
	if len(c.hear(10*time.Second)) == 0 {
		return
	}
	nonsense := make([]byte, 512)
	_, _ = rand.NewChaCha8([32]byte{'n', 'o', 'n', 's', 'e', 'n', 's', 'e'}).Read(nonsense) // never fails
	if _, err := (recordWriter{c, recordHandshake, versionTLS12}).Write(nonsense); err != nil {
		return
	}
	c.drain(30 * time.Second)
}
