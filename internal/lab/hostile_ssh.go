package lab

import (
	"bufio"
	"fmt"
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
