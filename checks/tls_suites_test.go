package checks

import (
	"encoding/binary"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/sansang/sansang/internal/fact"
	"github.com/sansang/sansang/internal/inventory"
	"github.com/sansang/sansang/internal/wire/hello"
)

// handmade is a server of TLS 1.2 alone whose every answer is made by hand.
type handmade struct {
	suites  []uint16 // its favourite first
	client  bool     // it follows its client instead
	refuses func(net.Conn)
	// unlike may answer in its own way. It is told how many suites were offered
	// and how many hellos of TLS 1.2 there were.
	unlike func(c net.Conn, offered, nth int) (done bool)
}

func (h handmade) start(t *testing.T) inventory.Endpoint {
	nth := make(chan int, 1)
	nth <- 0
	return serve(t, inventory.TLS, func(c net.Conn) {
		defer func() { _ = c.(interface{ CloseWrite() error }).CloseWrite(); _, _ = io.Copy(io.Discard, c) }()
		v, offered := readHello(c)
		if v != 3 || slices.Contains(offered, 0x1301) {
			alert(c, 70)
			return
		}
		n := <-nth + 1
		nth <- n
		if h.unlike != nil && h.unlike(c, len(offered), n) {
			return
		}
		ours, theirs := h.suites, offered
		if h.client {
			ours, theirs = theirs, ours
		}
		if i := slices.IndexFunc(ours, func(id uint16) bool { return slices.Contains(theirs, id) }); i >= 0 {
			answerHello(c, ours[i])
		} else {
			h.refuses(c)
		}
	})
}

// readHello gives the minor version of a ClientHello and its suites.
func readHello(c net.Conn) (version byte, suites []uint16) {
	_ = c.SetReadDeadline(time.Now().Add(5 * time.Second))
	head := make([]byte, 5)
	if _, err := io.ReadFull(c, head); err != nil || head[0] != 22 {
		return 0, nil
	}
	b := make([]byte, binary.BigEndian.Uint16(head[3:]))
	if _, err := io.ReadFull(c, b); err != nil {
		return 0, nil
	}
	version, b = b[5], b[4+2+32:]
	b = b[1+int(b[0]):]
	for pair := range slices.Chunk(b[2:2+int(binary.BigEndian.Uint16(b))], 2) {
		suites = append(suites, binary.BigEndian.Uint16(pair))
	}
	return version, suites
}

// answerHello sends a ServerHello of TLS 1.2 and nothing more.
func answerHello(c net.Conn, suite uint16) {
	body := append([]byte{3, 3}, make([]byte, 32+1)...)
	body = append(binary.BigEndian.AppendUint16(body, suite), 0)
	_, _ = c.Write(append([]byte{22, 3, 3, 0, byte(len(body) + 4), 2, 0, 0, byte(len(body))}, body...))
}

func handshakeFailure(c net.Conn) { alert(c, 40) }
func internalError(c net.Conn)    { alert(c, 80) }
func cutsOff(net.Conn)            {}

// TestSuitesThatAreNotSaid holds what counts as the end of a list.
func TestSuitesThatAreNotSaid(t *testing.T) {
	some := []uint16{0x002f, 0xc02f, 0x000a, 0x0035}
	names := `["TLS_RSA_WITH_AES_128_CBC_SHA", "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256", "TLS_RSA_WITH_3DES_EDE_CBC_SHA", "TLS_RSA_WITH_AES_256_CBC_SHA"]`
	ours := `["TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256", "TLS_RSA_WITH_AES_128_CBC_SHA", "TLS_RSA_WITH_AES_256_CBC_SHA", "TLS_RSA_WITH_3DES_EDE_CBC_SHA"]`
	unknown := func(cause string) string {
		return fmt.Sprintf(`{"unknown": {"cause": %q}}`, cause)
	}
	for name, c := range map[string]struct {
		server handmade
		want   string
		said   string // by the evidence
	}{
		"keeps its order": {handmade{suites: some, refuses: handshakeFailure},
			`{"tls12": ` + names + `, "tls13": [], "server_order": true}`, "alert handshake_failure(40)"},
		"follows its client": {handmade{suites: some, client: true, refuses: handshakeFailure},
			`{"tls12": ` + ours + `, "server_order": false}`, "4 suites with 5 hellos"},
		"has one suite": {handmade{suites: some[:1], refuses: handshakeFailure},
			`{"tls12": ["TLS_RSA_WITH_AES_128_CBC_SHA"], "server_order": true}`, "1 suites with 1 hellos"},
		"cuts the connection to refuse, as Windows does": {handmade{suites: some, refuses: cutsOff},
			`{"tls12": ` + names + `, "server_order": true}`, "twice, while it accepts TLS_RSA_WITH_AES_128_CBC_SHA before and after"},
		"fails inside to refuse": {handmade{suites: some, refuses: internalError},
			`{"tls12": ` + names + `, "server_order": true}`, "alert internal_error(80), twice"},
		"dislikes long hellos": {handmade{suites: some, refuses: handshakeFailure, unlike: func(c net.Conn, offered, _ int) bool { return offered > 128 }},
			`{"tls12": ` + names + `, "server_order": true}`, "to a long hello: the server cut the connection"},
		"refuses long hellos": {handmade{suites: some, client: true, refuses: handshakeFailure, unlike: func(c net.Conn, offered, _ int) bool {
			if offered > 128 {
				internalError(c)
			}
			return offered > 128
		}}, `{"tls12": ` + ours + `, "server_order": false}`, "to a long hello: alert internal_error(80)"},
		"cuts the connection once": {handmade{suites: some, refuses: handshakeFailure, unlike: func(_ net.Conn, _, nth int) bool { return nth == 4 }},
			`{"tls12": ` + names + `, "server_order": true}`, "alert handshake_failure(40)"},
		"cuts everything after a while": {handmade{suites: some, refuses: handshakeFailure, unlike: func(_ net.Conn, _, nth int) bool { return nth > 4 }},
			unknown("reset"), "reset"},
		"refuses what it accepted before": {handmade{suites: some, refuses: cutsOff, unlike: func(c net.Conn, _, nth int) bool {
			if nth > 6 {
				handshakeFailure(c)
			}
			return nth > 6
		}}, unknown("unanswered"), "accepted TLS_RSA_WITH_AES_128_CBC_SHA before"},
		"accepts the version and no suite": {handmade{suites: some, refuses: handshakeFailure, unlike: func(c net.Conn, _, nth int) bool {
			if nth > 1 {
				handshakeFailure(c)
			}
			return nth > 1
		}}, unknown("unanswered"), "accepts no suite, though the version"},
		"chooses what was not offered": {handmade{suites: some, refuses: func(c net.Conn) { answerHello(c, 0x0005) }},
			unknown("unanswered"), "which was not offered"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			obs := observe(t, TLSSuites, c.server.start(t), 10*time.Second)
			got := string(obs.Value)
			if obs.Unknown != nil {
				got = fmt.Sprintf(`{"unknown": {"cause": %q}}`, obs.Unknown.Cause)
			}
			if diff := differs("fact", decode(t, []byte(c.want)), decode(t, []byte(got))); diff != "" {
				t.Errorf("%s\nwhole: %s", diff, got)
			}
			if !slices.ContainsFunc(obs.Evidence, func(e fact.Evidence) bool {
				return e.Label == "TLS 1.2" && strings.Contains(string(e.Received), c.said)
			}) {
				t.Errorf("no evidence says %q: %q", c.said, obs.Evidence[len(obs.Evidence)-1].Received)
			}
		})
	}
}

// TestSuitesWithoutOneList holds that a list which is not whole hides neither
// itself nor the others: what needs them all is unknown.
func TestSuitesWithoutOneList(t *testing.T) {
	yes, no := fact.Known(true), fact.Known(false)
	lost := fact.Because(fact.Timeout, "x")
	one := []hello.Suite{hello.Find(0x002f), hello.Find(0x0035)}
	for name, c := range map[string]struct {
		tls12, tls10 suiteList
		want         string
	}{
		"order of one": {suiteList{suites: one, order: yes}, suiteList{unknown: lost}, `{"tls12": ["TLS_RSA_WITH_AES_128_CBC_SHA", "TLS_RSA_WITH_AES_256_CBC_SHA"],
			"tls10": {"unknown": {"cause": "timeout"}}, "accepted": {"unknown": {"cause": "timeout"}}, "server_order": {"unknown": {"cause": "timeout"}}}`},
		"a client's order in one":  {suiteList{suites: one, order: no}, suiteList{unknown: lost}, `{"server_order": false}`},
		"order unseen in one":      {suiteList{suites: one, order: yes}, suiteList{suites: one, order: fact.Not[bool](lost)}, `{"server_order": {"unknown": {"cause": "timeout"}}}`},
		"a client's order in both": {suiteList{suites: one, order: no}, suiteList{suites: one, order: no}, `{"server_order": false}`},
	} {
		s := suiteSurvey{versions: acceptedVersions(Versions{SSL2: no, SSL3: no, TLS10: yes, TLS11: no, TLS12: yes, TLS13: no}),
			lists: map[hello.Version]suiteList{hello.TLS12: c.tls12, hello.TLS10: c.tls10}}
		f, err := s.fact()
		if err != nil {
			t.Fatal(err)
		}
		got, err := json.Marshal(f)
		if err != nil {
			t.Fatal(err)
		}
		if diff := differs("fact", decode(t, []byte(c.want)), decode(t, got)); diff != "" {
			t.Errorf("%s: %s\nwhole: %s", name, diff, got)
		}
	}
}
