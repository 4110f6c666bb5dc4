package cudaemu

import "maps"

// Stats counts what was done on a device.
type Stats struct {
	Launches map[string]int // by kernel

	// Bytes copied, and the copies.
	ToDevice, ToHost, OnDevice          uint64
	CopiesToDevice, CopiesToHost, Fills int

	Allocations, Frees int
	Live               int    // allocations that are not freed, variables of modules among them
	LiveBytes          uint64 // their size
	PeakBytes          uint64

	Waits int // calls that waited for the device
}

// TotalLaunches returns the number of launches of all kernels.
func (s Stats) TotalLaunches() int {
	n := 0
	for _, k := range s.Launches {
		n += k
	}
	return n
}

// Sub returns what was done since an earlier count. What is live stays as it is.
func (s Stats) Sub(earlier Stats) Stats {
	launches := maps.Clone(s.Launches)
	for name, n := range earlier.Launches {
		if launches[name] -= n; launches[name] == 0 {
			delete(launches, name)
		}
	}
	s.Launches = launches
	s.ToDevice -= earlier.ToDevice
	s.ToHost -= earlier.ToHost
	s.OnDevice -= earlier.OnDevice
	s.CopiesToDevice -= earlier.CopiesToDevice
	s.CopiesToHost -= earlier.CopiesToHost
	s.Fills -= earlier.Fills
	s.Allocations -= earlier.Allocations
	s.Frees -= earlier.Frees
	s.Waits -= earlier.Waits
	return s
}

// snapshot returns a copy of the counts.
func (d *device) snapshot() Stats {
	s := d.stats
	s.Launches = maps.Clone(s.Launches)
	s.Live, s.LiveBytes = d.memory.Live(), d.memory.Used()
	return s
}
