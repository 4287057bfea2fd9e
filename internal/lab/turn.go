package lab

import (
	"bufio"
	"bytes"
	"crypto/tls"
	"encoding/binary"
	"fmt"
	"io"
	"net"
	"slices"
	"strings"
	"time"
)

// turner is a server that begins in clear and turns to TLS. Bad recipes spoil
// one field of a good one.
type turner struct {
	offers  bool // TLS
	refuses bool // TLS, although it offers it
	login   bool // in clear
	keeps   bool // what came before TLS, and obeys it inside
	relays  bool // mail for others
	percent bool // mail for others, if it looks like one for a user of its own
	later   bool // says "later" to every recipient
	first   bool // TLS before any mail
	tls     *tls.Config
}

// turning makes a starter for a good server with one thing spoiled.
func turning(talk func(*turner, *talker), spoil ...func(*turner)) starter {
	return func(p place) (service, error) {
		cert, err := goodPaper(p.addr.Addr()).issue()
		if err != nil {
			return nil, err
		}
		t := &turner{offers: true, tls: goodWebsite(p).tls}
		t.tls.Certificates, t.tls.NextProtos = []tls.Certificate{cert}, nil
		for _, s := range spoil {
			s(t)
		}
		return each(func(c *conn) {
			_ = c.SetDeadline(time.Now().Add(30 * time.Second))
			k := &talker{Conn: c, r: bufio.NewReaderSize(c, 1<<10), keeps: t.keeps}
			talk(t, k)
			c.finish()
		}), nil
	}
}

// talker is one conversation, in clear and then inside TLS.
type talker struct {
	net.Conn
	r      *bufio.Reader
	secure bool
	keeps  bool
}

// say writes lines; who cannot hear them is found out by the next line.
func (k *talker) say(lines ...string) {
	_, _ = io.WriteString(k, strings.Join(lines, "\r\n")+"\r\n")
}

// line reads the next command.
func (k *talker) line() (string, bool) {
	b, err := k.r.ReadSlice('\n')
	return strings.TrimRight(string(b), "\r\n"), err == nil
}

// turn makes TLS of the connection.
func (k *talker) turn(c *tls.Config) bool {
	t := tls.Server(k.Conn, c)
	if t.Handshake() != nil {
		return false
	}
	var in io.Reader = t
	if k.keeps {
		rest, _ := k.r.Peek(k.r.Buffered()) // they are there
		in = io.MultiReader(bytes.NewReader(slices.Clone(rest)), t)
	}
	k.Conn, k.r, k.secure = t, bufio.NewReaderSize(in, 1<<10), true
	return true
}

// talkSMTP is as much of RFC 5321 and RFC 3207 as comes before any mail.
func talkSMTP(t *turner, k *talker) {
	k.say("220 mail.xa.gov.vn ESMTP")
	for {
		line, ok := k.line()
		if !ok {
			return
		}
		switch verb, _, _ := strings.Cut(strings.ToUpper(line), " "); {
		case verb == "EHLO":
			k.say("250-mail.xa.gov.vn")
			if t.offers && !k.secure {
				k.say("250-STARTTLS")
			}
			if t.login || k.secure {
				k.say("250-AUTH PLAIN LOGIN")
			}
			k.say("250 8BITMIME")
		case verb == "HELO", verb == "NOOP":
			k.say("250 mail.xa.gov.vn")
		case verb == "STARTTLS" && t.refuses:
			k.say("454 4.7.0 TLS not available due to local problem")
		case verb == "STARTTLS" && t.offers && !k.secure:
			k.say("220 2.0.0 Ready to start TLS")
			if !k.turn(t.tls) {
				return
			}
		case verb == "MAIL" && t.first && !k.secure:
			k.say("530 5.7.0 Must issue a STARTTLS command first")
		case verb == "MAIL", verb == "RSET":
			k.say("250 2.1.0 Ok")
		case verb == "RCPT":
			k.say(t.recipient(strings.ToLower(line)))
		case verb == "QUIT":
			k.say("221 2.0.0 Bye")
			return
		default:
			k.say("502 5.5.2 Error: command not recognized")
		}
	}
}

// recipient answers RCPT; there is no user here, and no mail is ever taken.
func (t *turner) recipient(line string) string {
	local := strings.HasSuffix(line, "@mail.xa.gov.vn>") && !strings.Contains(line, ":@")
	switch {
	case t.later:
		return "450 4.2.0 Recipient address rejected: Greylisted"
	case t.relays && !local, t.percent && local && strings.Contains(line, "%"):
		return "250 2.1.5 Ok"
	case local:
		return "550 5.1.1 Recipient address rejected: User unknown"
	}
	return "554 5.7.1 Relay access denied"
}

// talkFTP is as much of RFC 959 and RFC 4217 as comes before any login.
func talkFTP(t *turner, k *talker) {
	k.say("220 ftp.xa.gov.vn ready")
	for {
		line, ok := k.line()
		if !ok {
			return
		}
		switch verb, _, _ := strings.Cut(strings.ToUpper(line), " "); {
		case verb == "FEAT" && t.offers:
			k.say("211-Features:", " AUTH TLS", "211 End")
		case verb == "FEAT":
			k.say("211-Features:", " UTF8", "211 End")
		case verb == "AUTH" && t.offers && !k.secure:
			k.say("234 Proceed with negotiation.")
			if !k.turn(t.tls) {
				return
			}
		case verb == "USER" && t.later:
			k.say("530 This user is not welcome.")
		case verb == "USER" && (t.login || k.secure):
			k.say("331 Please specify the password.")
		case verb == "USER":
			k.say("530 Non-anonymous sessions must use encryption.")
		case verb == "NOOP":
			k.say("200 Ok")
		case verb == "SYST":
			k.say("215 UNIX Type: L8")
		case verb == "QUIT":
			k.say("221 Goodbye.")
			return
		default:
			k.say("500 Unknown command.")
		}
	}
}

// talkIMAP is as much of RFC 9051 as comes before any login.
func talkIMAP(t *turner, k *talker) {
	k.say("* OK mail.xa.gov.vn IMAP4rev1 ready")
	for {
		line, ok := k.line()
		if !ok {
			return
		}
		tag, command, _ := strings.Cut(line, " ")
		switch verb := strings.ToUpper(command); {
		case verb == "CAPABILITY":
			list := "* CAPABILITY IMAP4rev1"
			if t.offers && !k.secure {
				list += " STARTTLS"
			}
			if t.login || k.secure {
				list += " AUTH=PLAIN"
			} else {
				list += " LOGINDISABLED"
			}
			k.say(list, tag+" OK done")
		case verb == "STARTTLS" && t.offers && !k.secure:
			k.say(tag + " OK begin TLS")
			if !k.turn(t.tls) {
				return
			}
		case verb == "NOOP":
			k.say(tag + " OK done")
		case verb == "LOGOUT":
			k.say("* BYE", tag+" OK done")
			return
		default:
			k.say(tag + " BAD unknown command")
		}
	}
}

// talkPostgres answers an SSLRequest, and closes on whatever else comes.
func talkPostgres(t *turner, k *talker) {
	const sslRequest = 80877103
	var b [8]byte
	if _, err := io.ReadFull(k.r, b[:]); err != nil || binary.BigEndian.Uint32(b[4:]) != sslRequest {
		return
	}
	if !t.offers {
		_, _ = k.Write([]byte{'N'})
		return
	}
	if _, err := k.Write([]byte{'S'}); err != nil || !k.turn(t.tls) {
		return
	}
	if _, err := io.ReadFull(k.r, b[:]); err != nil { // the head of a startup packet; nobody gets further
		return
	}
	said := fmt.Sprintf("SFATAL\x00C0A000\x00Munsupported frontend protocol %d.%d\x00\x00", binary.BigEndian.Uint16(b[4:]), binary.BigEndian.Uint16(b[6:]))
	_, _ = k.Write(append(binary.BigEndian.AppendUint32([]byte{'E'}, uint32(4+len(said))), said...))
}
