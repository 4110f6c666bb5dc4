// What the emulator defines. X takes the name of the driver, whose Go function is
// the same with emu_ before it.
#pragma once

#define EMULATED(X)                                                              \
	X(cuDriverGetVersion) X(cuDeviceGetCount) X(cuDeviceGet) X(cuDeviceGetName)    \
	X(cuDeviceTotalMem_v2) X(cuDeviceGetAttribute) X(cuCtxCreate_v2)               \
	X(cuCtxDestroy_v2) X(cuDevicePrimaryCtxRetain) X(cuDevicePrimaryCtxRelease_v2) \
	X(cuDevicePrimaryCtxReset_v2) X(cuCtxSetCurrent) X(cuCtxGetCurrent)            \
	X(cuCtxPushCurrent_v2) X(cuCtxPopCurrent_v2) X(cuCtxGetDevice)                 \
	X(cuCtxSynchronize) X(cuMemGetInfo_v2) X(cuMemAlloc_v2) X(cuMemFree_v2)        \
	X(cuMemGetAddressRange_v2) X(cuMemcpyHtoD_v2) X(cuMemcpyDtoH_v2)               \
	X(cuMemcpyDtoD_v2) X(cuMemcpyHtoDAsync_v2) X(cuMemcpyDtoHAsync_v2)             \
	X(cuMemcpyDtoDAsync_v2) X(cuMemsetD8_v2) X(cuMemsetD32_v2) X(cuMemsetD8Async)  \
	X(cuMemsetD32Async) X(cuStreamCreate) X(cuStreamDestroy_v2)                    \
	X(cuStreamSynchronize) X(cuStreamQuery) X(cuStreamWaitEvent) X(cuEventCreate)  \
	X(cuEventDestroy_v2) X(cuEventRecord) X(cuEventQuery) X(cuEventSynchronize)    \
	X(cuModuleLoadData) X(cuModuleLoadDataEx) X(cuModuleUnload)                    \
	X(cuModuleGetFunction) X(cuLaunchKernel) X(cublasCreate_v2)                    \
	X(cublasDestroy_v2) X(cublasSetStream_v2) X(cublasGetVersion_v2)               \
	X(cublasSetMathMode) X(cublasSgemm_v2) X(cublasSgemmStridedBatched)

// The other names that gorgonia.org/cu v0.9.6 links to.
#define UNSUPPORTED(X)                                                                \
	X(cuArray3DCreate_v2) X(cuArray3DGetDescriptor_v2) X(cuArrayCreate_v2)              \
	X(cuArrayDestroy) X(cuArrayGetDescriptor_v2) X(cuCtxDisablePeerAccess)              \
	X(cuCtxEnablePeerAccess) X(cuCtxGetApiVersion) X(cuCtxGetCacheConfig)               \
	X(cuCtxGetFlags) X(cuCtxGetLimit) X(cuCtxGetSharedMemConfig)                        \
	X(cuCtxGetStreamPriorityRange) X(cuCtxResetPersistingL2Cache)                       \
	X(cuCtxSetCacheConfig) X(cuCtxSetLimit) X(cuCtxSetSharedMemConfig)                  \
	X(cuDeviceCanAccessPeer) X(cuDeviceGetP2PAttribute) X(cuDeviceGetUuid)              \
	X(cuDevicePrimaryCtxGetState) X(cuDevicePrimaryCtxSetFlags_v2)                      \
	X(cuEventElapsedTime) X(cuFuncGetAttribute) X(cuFuncSetCacheConfig)                 \
	X(cuFuncSetSharedMemConfig) X(cuGraphAddChildGraphNode) X(cuGraphAddDependencies)   \
	X(cuGraphAddEmptyNode) X(cuGraphAddHostNode) X(cuGraphAddKernelNode)                \
	X(cuGraphAddKernelNode_v2) X(cuGraphAddMemcpyNode) X(cuGraphAddMemsetNode)          \
	X(cuGraphClone) X(cuGraphCreate) X(cuGraphDestroy) X(cuGraphDestroyNode)            \
	X(cuGraphExecDestroy) X(cuGraphGetEdges) X(cuLinkAddData_v2) X(cuLinkAddFile_v2)    \
	X(cuLinkComplete) X(cuLinkCreate_v2) X(cuLinkDestroy) X(cuMemAdvise)                \
	X(cuMemAllocManaged) X(cuMemAllocPitch_v2) X(cuMemFreeHost)                         \
	X(cuMemHostGetDevicePointer_v2) X(cuMemPrefetchAsync) X(cuMemcpy)                   \
	X(cuMemcpy2DAsync_v2) X(cuMemcpy2DUnaligned_v2) X(cuMemcpy2D_v2)                    \
	X(cuMemcpy3DAsync_v2) X(cuMemcpy3DPeer) X(cuMemcpy3DPeerAsync) X(cuMemcpy3D_v2)     \
	X(cuMemcpyAsync) X(cuMemcpyAtoA_v2) X(cuMemcpyAtoD_v2) X(cuMemcpyAtoHAsync_v2)      \
	X(cuMemcpyAtoH_v2) X(cuMemcpyDtoA_v2) X(cuMemcpyHtoAAsync_v2) X(cuMemcpyHtoA_v2)    \
	X(cuMemcpyPeer) X(cuMemcpyPeerAsync) X(cuMemsetD16Async) X(cuMemsetD16_v2)          \
	X(cuMemsetD2D16Async) X(cuMemsetD2D16_v2) X(cuMemsetD2D32Async)                     \
	X(cuMemsetD2D32_v2) X(cuMemsetD2D8Async) X(cuMemsetD2D8_v2)                         \
	X(cuModuleGetGlobal_v2) X(cuModuleGetSurfRef) X(cuModuleGetTexRef) X(cuModuleLoad)  \
	X(cuModuleLoadFatBinary) X(cuOccupancyMaxActiveBlocksPerMultiprocessor)             \
	X(cuOccupancyMaxActiveBlocksPerMultiprocessorWithFlags) X(cuPointerGetAttribute)    \
	X(cuPointerSetAttribute) X(cuStreamAttachMemAsync) X(cuStreamCreateWithPriority)    \
	X(cuStreamGetFlags) X(cuStreamGetPriority) X(cuStreamWaitValue32)                   \
	X(cuStreamWaitValue32_v2) X(cuStreamWriteValue32) X(cuStreamWriteValue32_v2)        \
	X(cuSurfRefGetArray) X(cuSurfRefSetArray) X(cuTexRefGetAddressMode)                 \
	X(cuTexRefGetAddress_v2) X(cuTexRefGetArray) X(cuTexRefGetBorderColor)              \
	X(cuTexRefGetFilterMode) X(cuTexRefGetFlags) X(cuTexRefGetFormat)                   \
	X(cuTexRefGetMaxAnisotropy) X(cuTexRefSetAddress2D_v3) X(cuTexRefSetAddressMode)    \
	X(cuTexRefSetAddress_v2) X(cuTexRefSetArray) X(cuTexRefSetBorderColor)              \
	X(cuTexRefSetFilterMode) X(cuTexRefSetFlags) X(cuTexRefSetFormat)                   \
	X(cuTexRefSetMaxAnisotropy) X(cuTexRefSetMipmapFilterMode)                          \
	X(cuTexRefSetMipmapLevelBias) X(cuTexRefSetMipmapLevelClamp)

void *wengert_cudaemu_symbol(const char *name);
