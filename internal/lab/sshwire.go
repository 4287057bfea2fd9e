package lab

import (
	"bufio"
	"crypto/rand"
	"encoding/binary"
	"errors"
	"io"
	"math/big"
	"strings"
)

// The numbers of RFC 4253 and RFC 4419 that a practice server needs.
const (
	sshServiceRequest = 5
	sshServiceAccept  = 6
	sshExtInfo        = 7
	sshKexInit        = 20
	sshNewKeys        = 21
	sshKexFirst       = 30
	sshGexRequestOld  = 30
	sshGexGroup       = 31
	sshGexInit        = 32
	sshGexRequest     = 34
	sshUserAuth       = 50
	sshAuthFailure    = 51
	sshAuthBanner     = 53

	sshMaxLine   = 255   // of the greeting
	sshMaxPacket = 35000 // that everyone must take
	sshCookie    = 16
)

// kexInit makes the SSH_MSG_KEXINIT payload, the same in both directions.
func (d *sshd) kexInit() []byte {
	p := make([]byte, 1+sshCookie)
	p[0] = sshKexInit
	_, _ = rand.Read(p[1:]) // never fails
	none := []string{"none"}
	for _, names := range [][]string{
		d.kex, d.hostKeys, d.ciphers, d.ciphers, d.macs, d.macs, none, none, nil, nil,
	} {
		p = appendSSHString(p, []byte(strings.Join(names, ",")))
	}
	return append(p, 0, 0, 0, 0, 0) // no guessed packet follows; reserved
}

// clientLists reads the ten lists of a KEXINIT payload; of a broken payload
// what is broken is empty.
func clientLists(payload []byte) (lists [10][]string) {
	rest := payload[min(len(payload), 1+sshCookie):]
	for i := range lists {
		var names []byte
		var ok bool
		if names, rest, ok = cutSSHString(rest); !ok {
			return lists
		}
		lists[i] = strings.Split(string(names), ",")
	}
	return lists
}

func cutSSHString(b []byte) (s, rest []byte, ok bool) {
	if len(b) < 4 {
		return nil, nil, false
	}
	n := binary.BigEndian.Uint32(b)
	if uint64(n) > uint64(len(b)-4) {
		return nil, nil, false
	}
	return b[4 : 4+n], b[4+n:], true
}

// extInfo makes the SSH_MSG_EXT_INFO payload of pairs of name and value.
func extInfo(pairs ...string) []byte {
	p := binary.BigEndian.AppendUint32([]byte{sshExtInfo}, uint32(len(pairs)/2))
	for _, s := range pairs {
		p = appendSSHString(p, []byte(s))
	}
	return p
}

// groupAnswer makes the SSH_MSG_KEX_DH_GEX_GROUP payload for generator 2.
func groupAnswer(prime *big.Int) []byte {
	p := appendSSHString([]byte{sshGexGroup}, sshNumber(prime))
	return appendSSHString(p, []byte{2})
}

func appendSSHString(b, s []byte) []byte {
	return append(binary.BigEndian.AppendUint32(b, uint32(len(s))), s...)
}

// sshPacket frames a payload for the time before encryption.
func sshPacket(payload []byte) []byte {
	const block, minPadding = 8, 4
	padding := block - (4+1+len(payload))%block
	if padding < minPadding {
		padding += block
	}
	p := binary.BigEndian.AppendUint32(nil, uint32(1+len(payload)+padding))
	p = append(p, byte(padding))
	p = append(p, payload...)
	return append(p, make([]byte, padding)...)
}

var errSSHPacket = errors.New("not an SSH packet")

// readSSHPacket gives the payload, never empty, of an unencrypted packet.
func readSSHPacket(r *bufio.Reader) ([]byte, error) {
	var head [5]byte
	if _, err := io.ReadFull(r, head[:]); err != nil {
		return nil, err
	}
	n, padding := binary.BigEndian.Uint32(head[:]), uint32(head[4])
	if n > sshMaxPacket || n < 1+1+padding {
		return nil, errSSHPacket
	}
	rest := make([]byte, n-1)
	if _, err := io.ReadFull(r, rest); err != nil {
		return nil, err
	}
	return rest[:n-1-padding], nil
}

// hear gives the next payload that is not empty.
func (s *sshRun) hear() ([]byte, bool) {
	var p []byte
	var err error
	if s.in == nil {
		p, err = readSSHPacket(s.r)
	} else {
		p, err = s.in.open(s.r)
	}
	s.got++
	return p, err == nil && len(p) > 0
}

// send tells whether the payload went out.
func (s *sshRun) send(payload []byte) bool {
	p := sshPacket(payload)
	if s.out != nil {
		p = s.out.seal(payload)
	}
	s.sent++
	_, err := s.c.Write(p)
	return err == nil
}
