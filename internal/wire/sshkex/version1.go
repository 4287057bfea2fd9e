package sshkex

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
)

// ours1 is an identification string of SSH 1, whose lines end with LF alone.
const ours1 = "SSH-1.5-sansang\n"

// Older is what a server does when it is greeted in SSH 1.
type Older struct {
	Banner Banner
	// Spoken: it sent SMSG_PUBLIC_KEY, the first message of an SSH 1 server.
	Spoken bool
	// Said is its refusal, or how it went on.
	Said string
}

// OpenOlder greets in SSH 1 and reads what comes. A server's words, or its
// going on in SSH 2, refuse. Beside an error the banner is given if it came.
func OpenOlder(rw io.ReadWriter) (Older, error) {
	var o Older
	if _, err := io.WriteString(rw, ours1); err != nil {
		return o, err
	}
	r := bufio.NewReader(rw)
	var err error
	if o.Banner, err = readBanner(r); err != nil {
		return o, err
	}
	first, err := r.Peek(1)
	switch {
	case err != nil:
		return o, err
	case first[0] != 0: // no length of a packet in either version
		left := maxIdent
		line, err := readLine(r, &left)
		if err != nil {
			return o, err
		}
		o.Said = line
		return o, nil
	}
	return o, o.packet(r)
}

// packet reads the first packet: of SSH 2, which is none of SSH 1, or the
// server's public key.
func (o *Older) packet(r *bufio.Reader) error {
	head, err := r.Peek(6)
	if err != nil {
		return err
	}
	if head[5] == msgKexInit || head[5] == msgDisconnect {
		p, err := readPacket(r)
		switch {
		case err != nil:
		case p[0] == msgKexInit:
			_, err = parseKexInit(p)
		case p[0] == msgDisconnect:
			switch d := disconnected(p); {
			case d.Reason == TooManyConnections:
				err = d
			case d.Reason == 0 || d.Reason > lastReason: // may be the random padding of SSH 1
				err = fmt.Errorf("neither a message of SSH 2 nor one of SSH 1 for sure")
			}
		}
		if err != nil {
			return err
		}
		o.Said = fmt.Sprintf("goes on in SSH 2, by message %d", head[5])
		return nil
	}
	kind, err := readPacket1(r)
	if err != nil {
		return err
	}
	if kind != smsgPublicKey {
		return fmt.Errorf("SSH 1 message %d where the public key belongs", kind)
	}
	o.Spoken, o.Said = true, "gives its public key of SSH 1"
	return nil
}

// Of SSH 1: draft-ylonen-ssh-protocol-00.
const (
	smsgPublicKey = 2
	maxPacket1    = 16 << 10 // more than any first message needs; 262144 were allowed
	leastKeys     = 8 + 4 + 4*2 + 4 + 4 + 4 + 4
)

// readPacket1 reads one plain packet of SSH 1 and checks its CRC and, of a
// public key, that it is long enough to be one.
func readPacket1(r io.Reader) (kind byte, err error) {
	head, err := take(r, 4)
	if err != nil {
		return 0, err
	}
	n := binary.BigEndian.Uint32(head)
	if n < 5 || n > maxPacket1 {
		return 0, fmt.Errorf("SSH 1 packet of %d bytes", n)
	}
	padding := 8 - int(n%8)
	b, err := take(r, padding+int(n))
	if err != nil {
		return 0, err
	}
	body, sum := b[:len(b)-4], b[len(b)-4:]
	// The CRC starts from 0 and is not turned round in the end, unlike that of
	// Ethernet.
	if ^crc32.Update(^uint32(0), crc32.IEEETable, body) != binary.BigEndian.Uint32(sum) {
		return 0, errors.New("SSH 1 packet with a wrong CRC")
	}
	kind = body[padding]
	if kind == smsgPublicKey && len(body)-padding < 1+leastKeys {
		return 0, errors.New("SSH 1 public key is cut short")
	}
	return kind, nil
}
