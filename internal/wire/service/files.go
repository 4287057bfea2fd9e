package service

import (
	"context"
	"encoding/binary"
	"fmt"
	"net"
	"strings"
)

var rsync = protocol{name: "rsync", ports: []int{873}, first: true, knows: func(_ bool, h string) (Service, bool) {
	return Service{Version: strings.Fields(firstLine(h) + " - -")[1]}, text(h, "@RSYNCD: ")
}}

// maxModules bounds the modules of an rsync server that are tried.
const maxModules = 4

// askRsync asks for the list of modules, and of some of them whether a password
// is wanted; it hangs up before any file is named.
func askRsync(ctx context.Context, t Target) (a Access, err error) {
	var modules []string
	err = t.speak(ctx, func(k *talk) error {
		if said, err := k.hear(line); !text(said, "@RSYNCD: ") {
			return strange(said, err)
		}
		t.quiet(k) // names
		said, err := k.ask("@RSYNCD: 30.0\n#list\n", func(s string) bool { return has(s, "@RSYNCD: EXIT", "@ERROR") })
		if !has(said, "@RSYNCD: EXIT") {
			return strange("", or2(err, errStrange))
		}
		for l := range strings.Lines(said) {
			if name, _, ok := strings.Cut(l, "\t"); ok && !text(l, "@") {
				modules = append(modules, strings.TrimSpace(name))
			}
		}
		return nil
	})
	if err != nil {
		return a, err
	}
	if len(modules) == 0 {
		return a, fmt.Errorf("%w: no module is listed, and hidden ones are not guessed", ErrNeedsLogin)
	}
	for i, m := range modules {
		if i == maxModules {
			return Access{}, fmt.Errorf("%w: of %d modules only %d were tried", ErrNeedsLogin, len(modules), maxModules)
		}
		a, err = one(ctx, t, "@RSYNCD: 30.0\n"+m+"\n", func(s string) bool { return strings.Count(s, "\n") > 1 && line(s) && has(s, "\n@RSYNCD: ", "@ERROR") }, func(s string) (Access, bool) {
			switch {
			case has(s, "\n@RSYNCD: OK"):
				return open("%d modules listed, one needs no password", len(modules)), true
			case has(s, "\n@RSYNCD: AUTHREQD", "access denied"):
				return shut("%d modules listed, each wants a password or is closed to us", len(modules)), true
			}
			return Access{}, false
		})
		if err != nil || a.Door == Open {
			return a, err
		}
	}
	return a, nil
}

// The programs of ONC RPC (RFC 5531, RFC 1833, RFC 1813 appendix I).
const (
	rpcPortmap = 100000
	rpcMount   = 100005
	rpcTCP     = 6
)

// rpcCall is a call in one record, without credentials: RFC 5531 §9, §11.
func rpcCall(program, version, procedure uint32, arguments ...uint32) string {
	b := binary.BigEndian.AppendUint32(nil, 0)
	for _, v := range append([]uint32{0x53414e53, 0, 2, program, version, procedure, 0, 0, 0, 0}, arguments...) {
		b = binary.BigEndian.AppendUint32(b, v)
	}
	binary.BigEndian.PutUint32(b, 1<<31|uint32(len(b)-4))
	return string(b)
}

// rpcResult gives what an accepted call was answered.
func rpcResult(h string) (string, bool) {
	if len(h) < 28 {
		return "", false
	}
	word := func(i int) uint32 { return binary.BigEndian.Uint32([]byte(h[4*i:])) }
	n := word(0) & (1<<31 - 1)
	verifier := uint64(word(5))
	if uint64(n) > uint64(len(h)-4) || word(1) != 0x53414e53 || word(2) != 1 || word(3) != 0 || verifier > 400 || 28+verifier > uint64(len(h)) {
		return "", false
	}
	rest := h[24+verifier:]
	return rest[4:], binary.BigEndian.Uint32([]byte(rest)) == 0
}

func wholeRPC(s string) bool {
	return len(s) >= 4 && uint64(len(s)) >= 4+uint64(binary.BigEndian.Uint32([]byte(s))&(1<<31-1))
}

var rpc = protocol{name: "sunrpc", ports: []int{111}, hello: rpcCall(rpcPortmap, 2, 0), rare: true, knows: func(asked bool, h string) (Service, bool) {
	return Service{Banner: "portmapper"}, asked && len(h) >= 24 && wholeRPC(h) && h[4:8] == "SANS" && h[8:12] == "\x00\x00\x00\x01"
}}

// askNFS asks the portmapper for mountd, and that for its exports. An export
// without a list of clients is for everybody.
func askNFS(ctx context.Context, t Target) (a Access, err error) {
	port := 0
	err = t.speak(ctx, func(k *talk) error {
		said, err := k.ask(rpcCall(rpcPortmap, 2, 3, rpcMount, 3, rpcTCP, 0), wholeRPC)
		r, ok := rpcResult(said)
		if !ok || len(r) < 4 {
			return strange("", or2(err, errStrange))
		}
		port = int(binary.BigEndian.Uint32([]byte(r)))
		return nil
	})
	switch {
	case err != nil:
		return a, err
	case port == 0:
		return shut("portmapper: no mountd over TCP, so no NFS exports"), nil
	case port > 65535 || t.DialPort == nil:
		return a, errStrange
	}
	t.Dial = func(ctx context.Context) (net.Conn, error) { return t.DialPort(ctx, port) }
	err = t.speak(ctx, func(k *talk) error {
		t.quiet(k) // paths and clients
		said, err := k.ask(rpcCall(rpcMount, 3, 5), wholeRPC)
		r, ok := rpcResult(said)
		if !ok {
			return strange("", or2(err, errStrange))
		}
		all, everybody, ok := exports(r)
		switch {
		case !ok:
			return errStrange
		case everybody > 0:
			a = open("mountd EXPORT: %d of %d exports are for everybody", everybody, all)
		default:
			a = shut("mountd EXPORT: %d exports, none for everybody", all)
		}
		return nil
	})
	return a, err
}

// exports counts: a list of paths, each with a list of groups (RFC 1813 §5.2.5).
func exports(s string) (all, everybody int, ok bool) {
	word := func() (v uint32, ok bool) {
		if len(s) < 4 {
			return 0, false
		}
		v, s = binary.BigEndian.Uint32([]byte(s)), s[4:]
		return v, true
	}
	name := func() (string, bool) {
		n, ok := word()
		if !ok || n > 1024 || int(n+3)&^3 > len(s) {
			return "", false
		}
		out := s[:n]
		s = s[int(n+3)&^3:]
		return out, true
	}
	for {
		more, ok := word()
		if !ok || more > 1 {
			return 0, 0, false
		}
		if more == 0 {
			return all, everybody, true
		}
		if _, ok := name(); !ok {
			return 0, 0, false
		}
		groups, star := 0, false
		for {
			more, ok := word()
			if !ok || more > 1 {
				return 0, 0, false
			}
			if more == 0 {
				break
			}
			g, ok := name()
			if !ok {
				return 0, 0, false
			}
			groups++
			star = star || g == "*" || g == "(everyone)" || g == "0.0.0.0/0"
		}
		all++
		if groups == 0 || star {
			everybody++
		}
	}
}
