package service

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strings"
	"time"
)

// Access is whether a service lets in whoever comes.
type Access struct {
	Door   Door
	Proof  string          // what the server did that proves it, without data of anybody
	Traits map[string]bool // what else was seen, by the names below
}

// Door is open, shut or not told.
type Door int

// The doors. Untold comes with an error that says why.
const (
	Untold Door = iota
	Open        // it did for us what it does for those it knows
	Shut        // it said no for want of a log-in, or because of where we come from
)

// The traits.
const (
	SMB1         = "smb1"          // takes a dialect before SMB 2
	SMBSigning   = "smb-signing"   // requires signatures
	RDPWithNLA   = "rdp-nla"       // nobody sees the log-in screen who has not logged in (CredSSP)
	RDPPlain     = "rdp-plain"     // takes RDP's own encryption, without TLS
	TDSEncrypted = "tds-encrypted" // requires encryption
	OpenProxy    = "open-proxy"    // leads to elsewhere
)

// The errors of a door that is not told.
var (
	ErrNeedsLogin = errors.New("only a log-in would tell, and none is tried")
	ErrNoQuestion = errors.New("there is no harmless question for this protocol")
	errStrange    = errors.New("an answer that makes no sense")
)

// Target is a port whose service was recognised.
type Target struct {
	Dial     Dial
	DialPort func(context.Context, int) (net.Conn, error) // another port of the same host
	Host     string                                       // its address
	Port     int
	Service  Service
	Wait     time.Duration // for one answer
	Quiet    Quiet
}

// asks are the questions by protocol.
var asks = map[string]func(context.Context, Target) (Access, error){
	"redis": askRedis, "memcache": askMemcache, "mongodb": askMongo, "mysql": askMySQL, "postgresql": askPostgres,
	"ms-sql-s": askMSSQL, "cql": askCassandra, "ldap": askLDAP, "ftp": askFTP, "microsoft-ds": askSMB, "ms-wbt-server": askRDP,
	"rfb": askVNC, "rsync": askRsync, "sunrpc": askNFS, "x11": askX11, "jdwp": askJDWP, "mqtt": askMQTT, "amqp": askAMQP,
	"kafka": askKafka, "zookeeper": askZooKeeper, "socks": askSOCKS, "rtsp": askRTSP, "http-proxy": askProxy, "http": askWeb,
	"ajp13": untold, "nfs": untold, "oracle-tns": untold,
}

// DataService tells whether a protocol holds data or power that a log-in should
// guard. A web server counts where a product is known to be one.
func DataService(s Service, port int) bool {
	switch s.Protocol {
	case "ms-wbt-server": // shows a log-in
		return false
	case "http":
		_, known := apiOf(s)
		return known || isConsole(s) || len(apisAt(s, port)) > 0
	}
	return asks[s.Protocol] != nil
}

// Ask asks a recognised service whether it lets in anybody.
func Ask(ctx context.Context, t Target) (Access, error) {
	ask := asks[t.Service.Protocol]
	if ask == nil {
		return Access{}, ErrNoQuestion
	}
	if t.Service.TLS {
		t.Dial = tlsDial(t.Dial, t.Wait)
	}
	a, err := ask(ctx, t)
	if t.Service.TLS && wantsCertificate(err) {
		return Access{Door: Shut, Proof: "TLS: wants a certificate of its client"}, nil
	}
	a.Proof = shown(a.Proof, 160)
	if a.Door != Untold {
		err = nil
	} else if err == nil {
		err = errStrange
	}
	return a, err
}

// speak makes one connection to the service.
func (t Target) speak(ctx context.Context, do func(*talk) error) error {
	return with(ctx, t.Dial, t.Wait, do)
}

// quiet keeps what comes next on a connection out of what is kept.
func (t Target) quiet(k *talk) {
	if t.Quiet != nil {
		t.Quiet(k.conn)
	}
}

func open(format string, args ...any) Access {
	return Access{Door: Open, Proof: fmt.Sprintf(format, args...)}
}

func shut(format string, args ...any) Access {
	return Access{Door: Shut, Proof: fmt.Sprintf(format, args...)}
}

func untold(context.Context, Target) (Access, error) { return Access{}, ErrNeedsLogin }

// strange says that an answer makes no sense.
func strange(said string, err error) error {
	if said == "" && err != nil {
		return err
	}
	return fmt.Errorf("%w: %s", errStrange, shown(said, 60))
}

// one is the access of a service that one exchange tells.
func one(ctx context.Context, t Target, question string, enough func(string) bool, read func(string) (Access, bool)) (a Access, err error) {
	err = t.speak(ctx, func(k *talk) error {
		said, err := k.ask(question, enough)
		var ok bool
		if a, ok = read(said); !ok {
			return strange(said, err)
		}
		return nil
	})
	return a, err
}

func has(s string, any ...string) bool {
	for _, a := range any {
		if strings.Contains(s, a) {
			return true
		}
	}
	return false
}
