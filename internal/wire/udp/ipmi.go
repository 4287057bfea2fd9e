package udp

// Presence asks a management controller whether it is there: the ping of ASF
// (DMTF DSP0136 §3.2.4.3).
type Presence struct {
	Send []byte
	tag  byte
}

// NewPresence makes the ping; its tag is anything but 255, which means that no
// answer is wanted.
func NewPresence() Presence {
	tag := chance(1)[0] & 0x7f
	return Presence{tag: tag, Send: []byte{6, 0, 0xff, 6, 0, 0, 0x11, 0xbe, 0x80, tag, 0, 0}}
}

// Answered tells whether a datagram is the pong to the ping, and whether the
// controller says that it speaks IPMI.
func (q Presence) Answered(b []byte) (ipmi, ok bool) {
	if len(b) < 28 || b[0] != 6 || b[3]&0x7f != 6 || [4]byte(b[4:8]) != [4]byte{0, 0, 0x11, 0xbe} || b[8] != 0x40 || b[9] != q.tag {
		return false, false
	}
	return b[20]&0x80 != 0, true
}

// Authentication is what a management controller says of how one may log in
// (IPMI v2.0 §22.13). The parts that only concern a later log-in are left out.
type Authentication struct {
	V15, V20    bool // IPMI 1.5, 2.0 sessions
	None        bool // authentication type "none" may be used
	Anonymous   bool // log-in with neither name nor password works
	NullUser    bool // there is a user without a name that has a password
	StraightKey bool // the password may be sent in clear
}

// Capabilities asks the question before any log-in: Get Channel Authentication
// Capabilities, for an administrator on the channel in use.
var Capabilities = capabilities()

func capabilities() []byte {
	const responder, app, console, command = 0x20, 6 << 2, 0x81, 0x38
	head := []byte{responder, app}
	body := []byte{console, 0, command, 0x80 | 0x0e, 4}
	m := append(append(head, sumTo0(head)), body...)
	m = append(m, sumTo0(body))
	return append([]byte{6, 0, 0xff, 7, 0, 0, 0, 0, 0, 0, 0, 0, 0, byte(len(m))}, m...)
}

// sumTo0 gives the byte that makes a sum nought.
func sumTo0(b []byte) (c byte) {
	for _, x := range b {
		c -= x
	}
	return c
}

// ReadCapabilities reads the answer: a session header without authentication,
// then a message whose sums are right.
func ReadCapabilities(b []byte) (Authentication, bool) {
	const head = 14
	if len(b) < head+16 || b[0] != 6 || b[3]&0x7f != 7 || b[4] != 0 || int(b[13]) > len(b)-head || b[13] < 16 {
		return Authentication{}, false
	}
	m := b[head : head+int(b[13])]
	if m[1]>>2 != 7 || m[5] != 0x38 || m[6] != 0 || sumTo0(m[:3]) != 0 || sumTo0(m[3:]) != 0 {
		return Authentication{}, false
	}
	types, state, more := m[8], m[9], m[10]
	a := Authentication{
		None: types&1 != 0, StraightKey: types&0x10 != 0,
		Anonymous: state&1 != 0, NullUser: state&2 != 0,
		V15: true,
	}
	if types&0x80 != 0 { // the extended bits are there
		a.V15, a.V20 = more&1 != 0, more&2 != 0
	}
	return a, true
}
