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
	sshKexInit       = 20
	sshGexRequestOld = 30
	sshGexGroup      = 31
	sshGexRequest    = 34

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

// clientKex reads the key exchange methods from a KEXINIT payload; a broken
// payload has none.
func clientKex(payload []byte) []string {
	const at = 1 + sshCookie
	if len(payload) < at+4 {
		return nil
	}
	n := binary.BigEndian.Uint32(payload[at:])
	list := payload[at+4:]
	if uint64(n) > uint64(len(list)) {
		return nil
	}
	return strings.Split(string(list[:n]), ",")
}

// groupAnswer makes the SSH_MSG_KEX_DH_GEX_GROUP payload for generator 2.
func groupAnswer(prime *big.Int) []byte {
	p := appendSSHString([]byte{sshGexGroup}, append([]byte{0}, prime.Bytes()...)) // 0: positive, high bit set
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
