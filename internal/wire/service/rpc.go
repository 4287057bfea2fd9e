package service

import (
	"context"
	"encoding/binary"
	"fmt"
	"net"
)

// The programs of ONC RPC (RFC 5531, RFC 1833, RFC 1813 appendix I).
const (
	rpcPortmap = 100000
	rpcNFS     = 100003
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
	return Service{Banner: "portmapper"}, asked && isRPC(h)
}}

// nfs is asked for nothing: NFS version 3, NULL. Another version is an answer.
var nfs = protocol{name: "nfs", ports: []int{2049}, hello: rpcCall(rpcNFS, 3, 0), rare: true, knows: func(asked bool, h string) (Service, bool) {
	return Service{Banner: "NULL"}, asked && isRPC(h)
}}

func isRPC(h string) bool {
	return len(h) >= 24 && wholeRPC(h) && h[4:8] == "SANS" && h[8:12] == "\x00\x00\x00\x01"
}

// askNFS asks the portmapper what there is, and mountd for its exports. An
// export without a list of clients is for everybody.
func askNFS(ctx context.Context, t Target) (a Access, err error) {
	port, served := 0, false
	err = t.speak(ctx, func(k *talk) error {
		said, err := k.ask(rpcCall(rpcPortmap, 2, 4), wholeRPC) // DUMP
		r, ok := rpcResult(said)
		if !ok {
			return strange("", or2(err, errStrange))
		}
		if port, served, ok = registered(r); !ok {
			return errStrange
		}
		return nil
	})
	switch {
	case err != nil:
		return a, err
	case port == 0 && !served:
		return shut("portmapper: lists neither mountd nor NFS"), nil
	case port == 0 || t.DialPort == nil:
		return a, fmt.Errorf("%w: NFS without mountd", ErrNeedsLogin)
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

// registered finds mountd over TCP, and whether there is NFS, in the list of a
// portmapper (RFC 1833 §3.2): program, version, protocol, port.
func registered(s string) (mountd int, served, ok bool) {
	for {
		if len(s) < 4 || s[:3] != "\x00\x00\x00" || s[3] > 1 {
			return 0, false, false
		}
		if s[3] == 0 {
			return mountd, served, true
		}
		if len(s) < 20 {
			return 0, false, false
		}
		word := func(i int) uint32 { return binary.BigEndian.Uint32([]byte(s[4*i:])) }
		served = served || word(1) == rpcNFS || word(1) == rpcMount
		if word(1) == rpcMount && word(2) == 3 && word(3) == rpcTCP && word(4) < 1<<16 {
			mountd = int(word(4))
		}
		s = s[20:]
	}
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
