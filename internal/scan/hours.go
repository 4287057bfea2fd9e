package scan

import (
	"net"
	"sync/atomic"

	"github.com/sansang/sansang/internal/fact"
)

// hourly is a connection of templates, which may be kept for long: nothing is
// sent by it after the hours of the authorisation.
type hourly struct {
	net.Conn
	time func() *fact.Unknown
	over atomic.Pointer[fact.Unknown]
}

// Write writes while it may, or closes the connection.
func (h *hourly) Write(b []byte) (int, error) {
	if u := h.time(); u != nil {
		h.over.Store(u)
		_ = h.Close()
		return 0, u
	}
	return h.Conn.Write(b)
}

// Read reads, and says of a connection that was closed by Write why.
func (h *hourly) Read(b []byte) (int, error) {
	n, err := h.Conn.Read(b)
	if u := h.over.Load(); u != nil && err != nil {
		return n, u
	}
	return n, err
}

// CloseWrite ends what is sent.
func (h *hourly) CloseWrite() error {
	if half, ok := h.Conn.(interface{ CloseWrite() error }); ok {
		return half.CloseWrite()
	}
	return nil
}
