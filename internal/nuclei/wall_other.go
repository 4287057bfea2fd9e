//go:build !linux

package nuclei

import (
	"errors"
	"net/netip"
)

func raiseWall() error { return errors.New("this system has no network namespaces") }

func putAddress(netip.Addr) error { return errors.New("this system has no network namespaces") }
