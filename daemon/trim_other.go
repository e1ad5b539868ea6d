//go:build !linux

package daemon

// forget leaves the program's own pages to the system, which takes them back by itself when it needs the room.
func forget() {}
