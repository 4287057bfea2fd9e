//go:build !linux

package templates_test

import "errors"

var noWall = errors.New("network namespaces are of Linux")
