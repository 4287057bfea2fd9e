package lab

import (
	"bufio"
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"math/big"
	"strings"
	"time"
)

// endlessBanner sends lines that RFC 4253, 4.2 allows before the greeting,
// which never comes.
func endlessBanner(c *conn) {
	w := bufio.NewWriterSize(c, 32<<10)
	for i := 1; ; i++ {
		if _, err := fmt.Fprintf(w, "Xin vui long cho, dong %d\r\n", i); err != nil {
			return
		}
	}
}

// hugeKexInit greets, then begins a KEXINIT packet whose length field is the
// largest that a signed integer holds. Who allocates before reading, dies.
func hugeKexInit(c *conn) {
	if _, err := c.Write([]byte(goodSSH().banner + "\r\n")); err != nil {
		return
	}
	c.hear(time.Second)
	if _, err := c.Write([]byte{0x7f, 0xff, 0xff, 0xff, 4, sshKexInit}); err != nil {
		return
	}
	c.drip("", 0)
}

// absurdRSA is an RSA key whose modulus has so many bits, all of them set.
func absurdRSA(bits uint) []byte {
	n := new(big.Int).Lsh(big.NewInt(1), bits)
	p := appendSSHString(appendSSHString(nil, []byte("ssh-rsa")), []byte{1, 0, 1})
	return appendSSHString(p, sshNumber(n.Sub(n, big.NewInt(1))))
}

func absurdGroups(d *sshd) {
	d.kex = append([]string{"diffie-hellman-group-exchange-sha256"}, d.kex...)
	long := new(big.Int).Lsh(big.NewInt(1), 99_999)
	d.primes = []*big.Int{big.NewInt(0), big.NewInt(1), new(big.Int).Lsh(big.NewInt(1), 2047), long.SetBit(long, 0, 1)}
}

func extInfoFlood(s *sshRun) {
	for i := 0; s.send(extInfo("server-sig-algs", fmt.Sprintf("ssh-ed25519,x%d", i))); i++ {
		continue
	}
}

// endlessNotices tells its extensions and accepts the service as it should.
func endlessNotices(s *sshRun) {
	for {
		switch p, ok := s.hear(); {
		case !ok:
			return
		case p[0] == sshServiceRequest:
			s.send(appendSSHString([]byte{sshServiceAccept}, []byte("ssh-userauth")))
		case p[0] == sshUserAuth:
			text := []byte(strings.Repeat("Xin vui long cho. ", 100))
			for s.send(appendSSHString(appendSSHString([]byte{sshAuthBanner}, text), nil)) {
				continue
			}
			return
		}
	}
}

func failuresFirst(s *sshRun) {
	for s.send(append(appendSSHString([]byte{sshAuthFailure}, []byte("publickey")), 0)) {
		continue
	}
}

// publicKey1 is the first message of an SSH 1 server: a cookie, two RSA keys
// and what it can do.
func publicKey1() []byte {
	number := func(p []byte, n *big.Int) []byte {
		return append(binary.BigEndian.AppendUint16(p, uint16(n.BitLen())), n.Bytes()...)
	}
	data := append([]byte{2}, make([]byte, 8)...)
	for range 2 {
		data = number(number(binary.BigEndian.AppendUint32(data, 1024), big.NewInt(35)), oakley2)
	}
	data = append(data, make([]byte, 12)...)
	n := len(data) + 4
	p := append(make([]byte, 8-n%8), data...)
	p = binary.BigEndian.AppendUint32(p, ^crc32.Update(^uint32(0), crc32.IEEETable, p))
	return append(binary.BigEndian.AppendUint32(nil, uint32(n)), p...)
}
