package cudaemu

import (
	"fmt"
	"sync"

	"github.com/wengert-ml/wengert/internal/cudaemu/ptx"
)

// Device describes an emulated GPU. The zero value is one.
type Device struct {
	Name   string // default "wengert emulated GPU"
	Memory uint64 // bytes; default 1 GiB

	// Limit is the number of instructions of warps after which a launch counts as
	// runaway; default 1<<30.
	Limit int64

	// AllowUninitialised lets kernels read memory that nobody has written. It holds a
	// NaN.
	AllowUninitialised bool

	// Backwards runs the blocks of a launch from the last to the first.
	Backwards bool

	// Reorder runs the work of all other streams first when one is waited for. By
	// default they are left waiting, as long as nothing orders them.
	Reorder bool

	// Eager runs work when it is queued. By default it runs when it is waited for, so
	// that a missing synchronisation shows.
	Eager bool
}

// Driver is an emulated CUDA driver. Its methods may be called from any goroutine.
type Driver struct {
	mu      sync.Mutex
	devices []*device
}

// device is a GPU and what all contexts on it share.
type device struct {
	Device
	memory  ptx.Memory
	machine ptx.Machine
	stats   Stats
}

// New returns a driver with devices, without any [NoDevice] is its answer.
func New(devices ...Device) *Driver {
	d := &Driver{}
	for _, options := range devices {
		if options.Name == "" {
			options.Name = "wengert emulated GPU"
		}
		dev := &device{Device: options}
		dev.memory.Size = options.Memory
		dev.machine = ptx.Machine{Memory: &dev.memory, Limit: options.Limit, Backwards: options.Backwards, AllowUninitialised: options.AllowUninitialised}
		dev.stats.Launches = map[string]int{}
		d.devices = append(d.devices, dev)
	}
	return d
}

// Count returns the number of devices, at least 1, or [NoDevice].
func (d *Driver) Count() (int, error) {
	if len(d.devices) == 0 {
		return 0, &Error{Call: "cuDeviceGetCount", Result: NoDevice}
	}
	return len(d.devices), nil
}

// device returns a device by its index.
func (d *Driver) device(call string, index int) (*device, error) {
	if index < 0 || index >= len(d.devices) {
		return nil, &Error{Call: call, Result: InvalidDevice, Detail: fmt.Errorf("device %d of %d", index, len(d.devices))}
	}
	return d.devices[index], nil
}

// Name returns the name of a device.
func (d *Driver) Name(index int) (string, error) {
	dev, err := d.device("cuDeviceGetName", index)
	if err != nil {
		return "", err
	}
	return dev.Name, nil
}

// TotalMemory returns the memory of a device in bytes.
func (d *Driver) TotalMemory(index int) (uint64, error) {
	dev, err := d.device("cuDeviceTotalMem", index)
	if err != nil {
		return 0, err
	}
	return dev.memory.Limit(), nil
}

// Attributes of devices that the emulator knows, by the driver's numbers.
var attributes = map[int]int{
	1: ptx.MaxThreads, 2: ptx.MaxThreads, 3: ptx.MaxThreads, 4: ptx.MaxBlockZ, // threads of a block: all, x, y, z
	5: ptx.MaxGridX, 6: ptx.MaxGridYZ, 7: ptx.MaxGridYZ, // blocks of a grid
	8:  ptx.MaxShared,
	10: 32,       // threads of a warp
	12: 65536,    // registers of a block
	13: 1000000,  // clock, kHz
	16: 4,        // multiprocessors
	36: 1000000,  // memory clock, kHz
	37: 256,      // width of the memory bus, bits
	38: 1 << 20,  // bytes of second-level cache
	39: 2048,     // threads of a multiprocessor
	75: 7, 76: 0, // compute capability
}

// Attribute returns an attribute of a device by the driver's number for it.
func (d *Driver) Attribute(index, attribute int) (int, error) {
	const call = "cuDeviceGetAttribute"
	if _, err := d.device(call, index); err != nil {
		return 0, err
	}
	v, ok := attributes[attribute]
	if !ok {
		return 0, &Error{Call: call, Result: InvalidValue, Detail: fmt.Errorf("attribute %d is unknown to the emulator", attribute)}
	}
	return v, nil
}

// Stats returns what has been done on a device so far.
func (d *Driver) Stats(index int) (Stats, error) {
	dev, err := d.device("stats", index)
	if err != nil {
		return Stats{}, err
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	return dev.snapshot(), nil
}

// NewContext returns a context on a device, with a default stream.
func (d *Driver) NewContext(index int) (*Context, error) {
	const call = "cuCtxCreate"
	if len(d.devices) == 0 {
		return nil, &Error{Call: call, Result: NoDevice}
	}
	dev, err := d.device(call, index)
	if err != nil {
		return nil, err
	}
	c := &Context{driver: d, device: dev, index: index, events: map[*Event]bool{}, modules: map[*Module]bool{}, allocations: map[uint64]bool{}}
	c.streams = []*Stream{{context: c}}
	return c, nil
}
