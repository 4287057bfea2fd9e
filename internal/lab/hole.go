package lab

import (
	"bufio"
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"encoding/binary"
	"io"
	"net"
	"slices"
	"sync"
	"time"
)

// A hole is a known weakness of TLS libraries of old, as a part of a good web
// site: it takes the connections whose hello it wants and answers them by hand
// with a handshake of TLS 1.2, as far as the weakness shows. All others are
// left to crypto/tls.
type hole struct {
	wants   func(wish) bool
	choose  func(wish) []byte // extensions of the ServerHello, and after them
	resumes bool              // the ServerHello is all, and resumes a session whose id it fills up
	deflate bool              // the ServerHello chooses compression by DEFLATE
	talk    func(*holed)      // after the first flight; nil: listens and says nothing
}

// wish is what a client says in its hello.
type wish struct {
	clientHello
	size        int // of the record that it came in
	session     []byte
	compression []byte
	extensions  map[uint16][]byte
}

// The extensions that a hole looks for.
const (
	extHeartbeat         = 15
	extTicket            = 35
	extSupportedVersions = 43
	extKeyShare          = 51
	extRenegotiationInfo = 0xff01
)

// isTLS12 tells of a hello that wants TLS 1.2 and nothing newer.
func (w wish) isTLS12() bool {
	_, newer := w.extensions[extSupportedVersions]
	return w.version == versionTLS12 && !newer
}

// holed is a connection of a hole after its first flight.
type holed struct {
	net.Conn
	r    *bufio.Reader
	wish wish
	key  *rsa.PrivateKey
}

// rsaSuites are those in which the key of the certificate does all: RSA with
// AES in GCM, then in CBC.
var rsaSuites = []uint16{0x009c, 0x009d, 0x002f, 0x0035, 0x003c, 0x003d}

// holeKey is one key for all practice servers with holes: making it takes time.
var holeKey = sync.OnceValues(func() (*rsa.PrivateKey, error) { return rsa.GenerateKey(rand.Reader, 2048) })

// with puts the hole into a good web site. What it answers by hand bears an RSA
// certificate of its own, beside that of the site.
func (h hole) with() starter {
	return func(p place) (service, error) {
		key, err := holeKey()
		if err != nil {
			return nil, err
		}
		paper := goodPaper(p.addr.Addr())
		paper.key = func() (crypto.Signer, error) { return key, nil }
		cert, err := paper.issue()
		if err != nil {
			return nil, err
		}
		return https(func(w *website) {
			w.behind = func(ln net.Listener, _ []byte) net.Listener {
				return &holeListener{ln, h, cert.Certificate[0], key}
			}
		})(p)
	}
}

type holeListener struct {
	net.Listener
	hole hole
	cert []byte // DER
	key  *rsa.PrivateKey
}

func (l *holeListener) Accept() (net.Conn, error) {
	c, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	return &holeConn{Conn: c, r: bufio.NewReaderSize(c, recordHeader+maxRecord), l: l}, nil
}

// holeConn asks the hole at the first Read, as a frontConn its front.
type holeConn struct {
	net.Conn
	r     *bufio.Reader
	l     *holeListener
	asked bool
}

func (c *holeConn) Read(p []byte) (int, error) {
	if !c.asked {
		c.asked = true
		if w, ok := peekWish(c.r); ok && c.l.hole.wants(w) {
			_ = c.SetReadDeadline(time.Now().Add(20 * time.Second))
			c.l.answer(c, w)
			return 0, io.EOF
		}
	}
	return c.r.Read(p)
}

// answer sends the first flight, lets the hole talk, and waits for the client
// to go.
func (l *holeListener) answer(c *holeConn, w wish) {
	_, _ = c.r.Discard(w.size)
	suite, ok := firstCommon(rsaSuites, w.suites)
	if l.hole.resumes && len(w.suites) > 0 {
		suite, ok = w.suites[0], true // that of the session, whatever it was
	}
	if !ok {
		fatal(c, alertHandshakeFailure)
		return
	}
	var extensions []byte
	if l.hole.choose != nil {
		extensions = l.hole.choose(w)
	}
	hello := serverHello(versionTLS12, suite, extensions...)
	if l.hole.deflate {
		hello[4+2+32+1+2] = 1 // after version, random, no session and the suite
	}
	one := certificateEntry(l.cert)
	flight := slices.Concat(hello, handshake(msgCertificate, append(appendUint24(nil, len(one)), one...)), handshake(msgHelloDone, nil))
	if l.hole.resumes {
		flight = fillSession(hello, w.session)
	}
	if _, err := (recordWriter{c, recordHandshake, versionTLS12}).Write(flight); err != nil {
		return
	}
	if l.hole.talk != nil {
		l.hole.talk(&holed{c.Conn, c.r, w, l.key})
	}
	_, _ = io.Copy(io.Discard, c.r)
}

const (
	alertUnexpectedMessage = 10
	alertBadRecordMAC      = 20
	alertHandshakeFailure  = 40
	alertDecryptError      = 51
	alertProtocolVersion   = 70
)

// fatal sends an alert, after which nothing more is sent.
func fatal(w io.Writer, code byte) {
	_, _ = recordWriter{w, recordAlert, versionTLS12}.Write([]byte{2, code})
}

// record reads the next record.
func (c *holed) record() (kind byte, payload []byte, ok bool) {
	head := make([]byte, recordHeader)
	if _, err := io.ReadFull(c.r, head); err != nil {
		return 0, nil, false
	}
	payload = make([]byte, binary.BigEndian.Uint16(head[3:]))
	_, err := io.ReadFull(c.r, payload)
	return head[0], payload, err == nil
}
