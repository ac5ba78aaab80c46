"""OpenColorIO configs: colour spaces, displays and looks by name, on images of any layout, on every thread.

::

    Config("show.ocio")  .processor("ACEScg", "sRGB - Display")     Processor  .apply(img)    in place
                         .display_processor(view="Film")                       (img)          new
                         .look_processor("grade")                              .to_look()     a vfx Look
                         .transform_processor("show.cube")                     .bake()        a LUT

The colour is OpenColorIO's own, bit for bit (extra ``ocio``; the library is imported with the first config).
"""

from vfx.ocio._opening import builtin_configs
from vfx.ocio.config import ColorSpace, Config
from vfx.ocio.processor import Processor

__all__ = ["ColorSpace", "Config", "Processor", "builtin_configs"]
