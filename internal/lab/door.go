package lab

import (
	"net"
	"sync"
)

// door is a listener whose connections are let in by somebody else.
type door struct {
	addr *net.TCPAddr
	in   chan *net.TCPConn
	shut chan struct{}
	once sync.Once
}

// let hands over a connection, and cuts it where too many wait already.
func (d *door) let(c *net.TCPConn) {
	select {
	case d.in <- c:
	default:
		_ = c.Close()
	}
}

func (d *door) AcceptTCP() (*net.TCPConn, error) {
	select {
	case c := <-d.in:
		return c, nil
	case <-d.shut:
		return nil, net.ErrClosed
	}
}

func (d *door) Close() error {
	d.once.Do(func() { close(d.shut) })
	for {
		select {
		case c := <-d.in:
			_ = c.Close()
		default:
			return nil
		}
	}
}

func (d *door) Addr() net.Addr { return d.addr }
